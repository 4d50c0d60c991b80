// SPDX-License-Identifier: Apache-2.0
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Pki.Certificates;
using Sealock.Pki.Tls;

namespace Sealock.Tests.Pki;

/// <summary>Recorded handshakes of real servers, read without keys.</summary>
public sealed class TlsFlowTests
{
    [Theory]
    [InlineData("tls13-client-certificate-required", 0x0304, 0x1302, 29)]
    [InlineData("tls13-hello-retry", 0x0304, 0x1302, 25)]
    [InlineData("tls13-resumed", 0x0304, 0x1302, 29)]
    [InlineData("etcd-tls13-client-certificate-required", 0x0304, 0x1301, 29)]
    [InlineData("tls12-alpn", 0x0303, 0xc02c, null)]
    [InlineData("tls12-resumed", 0x0303, 0xc02c, null)]
    public void The_server_hello_tells_what_was_chosen(string name, int version, int suite, int? group)
    {
        var hello = Both(name).Server.ServerHello;
        Assert.NotNull(hello);
        Assert.Equal(version, hello.Version);
        Assert.Equal(suite, hello.CipherSuite);
        Assert.Equal(group, hello.Group);
        Assert.False(hello.IsRetryRequest);
    }

    [Fact]
    public void The_client_hello_tells_groups_key_shares_signatures_and_sessions()
    {
        var hello = Hello("tls13-resumed");
        Assert.Equal("localhost", hello.Hello.ServerName);
        Assert.Equal([29], hello.KeyShares.Select(group => (int)group));
        Assert.Contains((ushort)23, hello.Groups);
        Assert.Contains((ushort)0x0403, hello.SignatureSchemes);
        Assert.Equal(32, hello.SessionId.Length);
        Assert.True(hello.OffersResumption);
        Assert.True(Hello("tls12-resumed").OffersResumption);
        Assert.False(Hello("tls12-alpn").OffersResumption);
    }

    [Fact]
    public void A_hello_retry_request_is_told_from_the_server_hello_and_the_second_client_hello_is_read()
    {
        var (client, server) = Both("tls13-hello-retry");
        var hellos = server.Messages.Where(m => m.Type == TlsHandshakeType.ServerHello).Select(m => ServerHello.Read(m.Body.Span)!).ToList();
        Assert.Equal([true, false], hellos.Select(hello => hello.IsRetryRequest));
        Assert.Equal((ushort)25, hellos[0].Group);
        Assert.Equal(
            [(ushort)29, (ushort)25],
            client.Messages.Where(m => m.Type == TlsHandshakeType.ClientHello).Select(m => Assert.Single(ClientHelloDetails.Read(m.Body.Span)!.KeyShares)));
        Assert.Contains(client.Items, item => item is TlsEncryptedRecord { ContentType: 23 });
    }

    [Fact]
    public void A_session_of_before_is_recognised()
    {
        Assert.True(Both("tls13-resumed").Server.ServerHello!.AcceptsPreSharedKey);
        Assert.False(Both("tls13-client-certificate-accepted").Server.ServerHello!.AcceptsPreSharedKey);
        Assert.Equal(Hello("tls12-resumed").SessionId.ToArray(), Both("tls12-resumed").Server.ServerHello!.SessionId.ToArray());
    }

    [Theory]
    [InlineData("tls12-client-certificate-accepted", "CN=server", "O=Acme,CN=test-ca")]
    [InlineData("etcd-tls12-bad-certificate", "CN=server", "O=Acme,CN=test-ca")]
    public void Tls_1_2_shows_the_chain_the_request_and_the_key_exchange(string name, string subject, string authority)
    {
        var (client, server) = Both(name);
        var certificates = Tls12Messages.ReadCertificates(Body(server, TlsHandshakeType.Certificate));
        Assert.Equal(subject, Certificate.Parse(certificates![0]).Subject.ToString());
        var request = CertificateRequestMessage.Read(Body(server, TlsHandshakeType.CertificateRequest), ClientHello.Tls12);
        Assert.Equal([authority], request!.Authorities.Select(one => one.ToString()));
        Assert.NotEmpty(request.SignatureSchemes);
        var exchange = ServerKeyExchangeMessage.Read(
            Body(server, TlsHandshakeType.ServerKeyExchange), ClientHello.Tls12, server.ServerHello!.CipherSuite);
        Assert.Equal("x25519", TlsNames.Group(exchange!.Group!.Value));
        Assert.Equal("ecdsa_secp256r1_sha256", TlsNames.SignatureScheme(exchange.SignatureScheme!.Value));
        Assert.Single(Tls12Messages.ReadCertificates(Body(client, TlsHandshakeType.Certificate))!);
    }

    [Fact]
    public void An_empty_client_certificate_is_an_empty_list() =>
        Assert.Empty(Tls12Messages.ReadCertificates(Body(Both("tls12-client-certificate-required").Client, TlsHandshakeType.Certificate))!);

    [Fact]
    public void A_finite_field_is_told_by_the_bits_of_its_prime()
    {
        byte[] body = [0, 4, 0, 0x20, 1, 1, 0, 1, 5, 0, 1, 7, 8, 4, 0, 1, 9];
        var exchange = ServerKeyExchangeMessage.Read(body, ClientHello.Tls12, 0x009f);
        Assert.Equal(22, exchange!.PrimeBits);
        Assert.Equal("rsa_pss_rsae_sha256", TlsNames.SignatureScheme(exchange.SignatureScheme!.Value));
        Assert.Null(exchange.Group);
    }

    [Theory]
    [InlineData("tls12-client-certificate-required", TlsAlert.HandshakeFailure)]
    [InlineData("tls12-protocol-version", TlsAlert.ProtocolVersion)]
    [InlineData("tls12-no-shared-cipher", TlsAlert.HandshakeFailure)]
    [InlineData("etcd-tls12-bad-certificate", TlsAlert.BadCertificate)]
    public void Alerts_in_the_clear_are_read(string name, TlsAlert expected)
    {
        var alert = Assert.Single(Both(name).Server.Items.OfType<TlsAlertMessage>());
        Assert.True(alert.IsFatal);
        Assert.Equal(expected, alert.Alert);
    }

    [Fact]
    public void What_is_encrypted_is_not_taken_for_messages()
    {
        foreach (var recording in RecordedHandshake.All)
        {
            var (client, server) = TlsFlow.ReadBoth(recording.Client, recording.Server);
            Assert.Null(client.Problem);
            Assert.Null(server.Problem);
            Assert.True(client.Rest.IsEmpty && server.Rest.IsEmpty, recording.Name);
            Assert.All(client.Messages.Concat(server.Messages), message => Assert.True(Enum.IsDefined(message.Type), recording.Name));
            Assert.DoesNotContain(client.Messages.Concat(server.Messages), message => message.Type == TlsHandshakeType.Finished);
        }
    }

    [Fact]
    public void Every_beginning_of_a_handshake_is_read_as_far_as_it_goes()
    {
        foreach (var recording in RecordedHandshake.All)
        {
            var whole = TlsFlow.ReadBoth(recording.Client, recording.Server).Server.Items;
            for (var length = 0; length <= recording.Server.Length; length += 3)
            {
                var (_, server) = TlsFlow.ReadBoth(recording.Client, recording.Server.AsMemory(0, length));
                Assert.Null(server.Problem);
                Assert.True(server.Items.Count <= whole.Count);
                Assert.Equal(whole.Take(server.Items.Count).Select(item => item.GetType()), server.Items.Select(item => item.GetType()));
            }
        }
    }

    [Fact]
    public void Messages_are_the_same_however_they_are_cut_into_records()
    {
        var flight = new byte[][] { Message(2, 70), Message(11, 900), Message(12, 300), Message(14, 0) }.SelectMany(m => m).ToArray();
        Prop.ForAll(
            ArbMap.Default.ArbFor<PositiveInt>(),
            size =>
            {
                var records = flight.Chunk(size.Get).SelectMany(chunk => (byte[])[22, 3, 3, (byte)(chunk.Length >> 8), (byte)chunk.Length, .. chunk]);
                var (_, server) = TlsFlow.ReadBoth(default, records.ToArray());
                return server.Messages.Select(m => ((int)m.Type, m.Body.Length)).SequenceEqual([(2, 70), (11, 900), (12, 300), (14, 0)]);
            }).QuickCheckThrowOnFailure();
    }

    [Theory]
    [InlineData("HTTP/1.0 400 Bad Request\r\n\r\n")]
    [InlineData("SSH-2.0-x")]
    [InlineData("\u0016\u0002\u0000\u0000\u0001\u0000")]
    [InlineData("H")]
    public void What_is_not_tls_is_said_to_be_so(string bytes)
    {
        var (_, server) = TlsFlow.ReadBoth(default, Encoding.Latin1.GetBytes(bytes));
        Assert.NotNull(server.Problem);
        Assert.Empty(server.Items);
        Assert.Equal(bytes.Length, server.Rest.Length);
    }

    [Theory]
    [InlineData(new byte[] { 22, 3, 3, 0xff, 0xff, 0 }, "record of 65535 bytes")]
    [InlineData(new byte[] { 22, 3, 3, 0, 4, 11, 0xff, 0xff, 0xff }, "message of 16777215 bytes")]
    public void Sizes_are_limited(byte[] bytes, string problem) =>
        Assert.Contains(problem, TlsFlow.ReadBoth(default, bytes).Server.Problem, StringComparison.Ordinal);

    [Fact]
    public void Numbers_have_the_names_that_iana_lists()
    {
        Assert.Equal("TLS_AES_128_GCM_SHA256", TlsNames.CipherSuite(0x1301));
        Assert.Equal("TLS_FALLBACK_SCSV", TlsNames.CipherSuite(0x5600));
        Assert.Equal("GREASE", TlsNames.CipherSuite(0x2a2a));
        Assert.Equal("0xfefe", TlsNames.CipherSuite(0xfefe));
        Assert.Equal("X25519MLKEM768", TlsNames.Group(0x11ec));
        Assert.Equal("rsa_pkcs1_sha256", TlsNames.SignatureScheme(0x0401));
        Assert.Equal("ecdsa_sha1", TlsNames.SignatureScheme(0x0203));
        Assert.Equal("TLS 1.1", TlsNames.Version(0x0302));
        Assert.Equal("unknown_ca", TlsNames.Alert(TlsAlert.UnknownCa));
        Assert.Equal("alert 199", TlsNames.Alert((TlsAlert)199));
    }

    private static (TlsFlow Client, TlsFlow Server) Both(string name)
    {
        var recording = RecordedHandshake.Read(name);
        return TlsFlow.ReadBoth(recording.Client, recording.Server);
    }

    private static ClientHelloDetails Hello(string name) => ClientHelloDetails.Read(Body(Both(name).Client, TlsHandshakeType.ClientHello))!;

    private static ReadOnlySpan<byte> Body(TlsFlow flow, TlsHandshakeType type) => flow.Messages.First(message => message.Type == type).Body.Span;

    private static byte[] Message(byte type, int length) => [type, 0, (byte)(length >> 8), (byte)length, .. new byte[length]];
}
