// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;

namespace Sealock.Tests.Cluster.Handshakes;

public sealed class StoryTests
{
    [Fact]
    public void Tls_1_2_is_told_from_the_wire()
    {
        var told = HandshakeStory.Tell(Observed.Of("tls12-client-certificate-accepted"));
        Assert.All(told, one => Assert.Equal(HandshakeSource.Wire, one.Source));
        Assert.Equal(
            [
                "connected to 127.0.0.1:6443", "client hello sent", "server hello received", "server certificate received",
                "server key exchange received", "client certificate asked for", "server hello done", "client certificate sent",
                "client key exchange sent", "proof sent that we have the certificate's key",
                "change of cipher sent, and \"finished\", encrypted (1 record, 40 bytes)",
                "change of cipher received, and \"finished\", encrypted (1 record, 40 bytes)",
            ],
            told.Select(one => one.Text));
        Assert.Equal(["O=Acme,CN=test-ca"], Detail(told, "client certificate asked for", "CAs named"));
        Assert.Equal(["x25519"], Detail(told, "server key exchange received", "group"));
        Assert.Equal(["TLS 1.2"], Detail(told, "server hello received", "version"));
    }

    [Fact]
    public void Tls_1_3_is_told_from_the_wire_up_to_the_server_hello_and_from_the_library_after_it()
    {
        var seen = Observed.Of("tls13-client-certificate-required").CompletedAndAsked("CN=ca");
        var told = HandshakeStory.Tell(seen);
        Assert.Equal(HandshakeSource.Wire, told.Single(one => one.Text == "server hello received").Source);
        var asked = told.Single(one => one.Text == "client certificate asked for");
        Assert.Equal((HandshakeSource.Library, HandshakeStep.ServerHello), (asked.Source, asked.Step));
        Assert.Equal(["CN=ca"], asked.Details[0].Values);
        Assert.Contains(told, one => one is { Source: HandshakeSource.Library, Text: "client certificate sent: none" });
        Assert.Contains(told, one => one is { Source: HandshakeSource.Wire, Step: HandshakeStep.ClientFinished });
        Assert.Equal(told.Select(one => one.At).Order(), told.Select(one => one.At));
    }

    [Fact]
    public void A_hello_retry_request_is_told()
    {
        var told = HandshakeStory.Tell(Observed.Of("tls13-hello-retry"));
        Assert.Equal(["secp521r1"], Detail(told, "hello retry request received: the server wants another key share", "group wanted"));
        Assert.Equal(["secp521r1"], Detail(told, "client hello sent again, as the server wanted", "key shares"));
        Assert.Equal(["secp521r1"], Detail(told, "server hello received", "key share"));
    }

    [Theory]
    [InlineData("tls12-resumed")]
    [InlineData("tls13-resumed")]
    public void A_resumed_session_is_told(string recording)
    {
        var told = HandshakeStory.Tell(Observed.Of(recording));
        Assert.Equal(["offered"], Detail(told, "client hello sent", "session of before"));
        Assert.Equal(["resumed"], Detail(told, "server hello received", "session of before"));
    }

    private static IReadOnlyList<string> Detail(IReadOnlyList<HandshakeEvent> told, string text, string name) =>
        told.First(one => one.Text == text).Details.First(detail => detail.Name == name).Values;
}
