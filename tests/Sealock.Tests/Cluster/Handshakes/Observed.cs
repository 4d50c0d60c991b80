// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Tls;
using Sealock.Tests.Pki;

namespace Sealock.Tests.Cluster.Handshakes;

/// <summary>Observations made of recorded bytes: one millisecond passes between any two pieces.</summary>
internal static class Observed
{
    public static EndpointQuestion Question { get; } = new() { Host = "localhost", Port = 6443 };

    public static TimeSpan Ms(int count) => TimeSpan.FromMilliseconds(count);

    /// <summary>A connection on which a recording passed.</summary>
    public static Observation Of(string recording) => Of(RecordedHandshake.Read(recording).Pieces);

    /// <summary>A connection on which the server answered a recorded ClientHello with some text.</summary>
    public static Observation Answered(string text) => Of(
        [RecordedHandshake.Read("tls12-protocol-version").Pieces[0], (false, Encoding.Latin1.GetBytes(text))]);

    /// <summary>A connection on which only a ClientHello passed.</summary>
    public static Observation OnlyHello() => Of([RecordedHandshake.Read("tls13-resumed").Pieces[0]]);

    public static Observation Of(IReadOnlyList<(bool FromClient, byte[] Bytes)> pieces) => new()
    {
        Question = Question,
        Address = "127.0.0.1:6443",
        ConnectedAt = Ms(1),
        Sent = Side(pieces, fromClient: true),
        Received = Side(pieces, fromClient: false),
        EndedAt = Ms(3 + pieces.Count),
    };

    /// <summary>The same, refused by an alert that only the library could read.</summary>
    public static Observation Refused(this Observation seen, TlsAlert alert) => seen with
    {
        Fault = new(FaultKind.Tls, seen.EndedAt) { LibraryReason = 1000 + (int)alert, LibraryText = "alert" },
    };

    /// <summary>The same, completed, with a certificate asked for.</summary>
    public static Observation CompletedAndAsked(this Observation seen, params string[] authorities) => seen with
    {
        Library = seen.Library with
        {
            CompletedAt = seen.EndedAt - Ms(1),
            Version = ClientHello.Tls13,
            CipherSuite = 0x1302,
            AskedForCertificateAt = Ms(3),
            Authorities = authorities,
        },
    };

    private static WireSide Side(IReadOnlyList<(bool FromClient, byte[] Bytes)> pieces, bool fromClient)
    {
        var bytes = new List<byte>();
        var chunks = new List<(int, TimeSpan)>();
        for (var i = 0; i < pieces.Count; i++)
        {
            if (pieces[i].FromClient != fromClient)
                continue;
            bytes.AddRange(pieces[i].Bytes);
            chunks.Add((bytes.Count, Ms(2 + i)));
        }

        return new(bytes.ToArray(), chunks);
    }
}
