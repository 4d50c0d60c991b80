// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;
using Sealock.Tests.Pki;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Cluster.Handshakes;

public sealed class HandshakeFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Mutated_handshakes_are_told_and_explained_whatever_they_are() =>
        FuzzRun.Bytes<FormatException>(output, "stories of handshakes", [.. RecordedHandshake.All.Select(one => one.Server)], bytes =>
        {
            var pieces = RecordedHandshake.Read("tls12-client-certificate-accepted").Pieces;
            var seen = Observed.Of([pieces[0], (false, bytes), .. pieces.Where(piece => piece.FromClient).Skip(1)]);
            foreach (var one in new[] { seen, seen with { Fault = new(FaultKind.Tls, Observed.Ms(9)) { LibraryText = "x" } } })
            {
                Assert.NotEmpty(HandshakeStory.Tell(one));
                _ = HandshakeDiagnosis.Explain(one);
            }
            return true;
        });
}
