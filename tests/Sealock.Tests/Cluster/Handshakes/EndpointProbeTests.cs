// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Sealock.Cluster.Handshakes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Tls;

namespace Sealock.Tests.Cluster.Handshakes;

public sealed class EndpointProbeTests
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task It_brings_the_chain_that_is_served(bool asksForCertificate)
    {
        using var key = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot("root", key, Now);
        var middle = new CertificateAuthority([root.Issue(new()
        {
            Subject = DistinguishedName.Create("middle"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Ca,
        }, Now).Require(), root.Certificate], key);
        var leaf = middle.Issue(new()
        {
            Subject = DistinguishedName.Create("server"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Server,
            Names = SubjectAlternativeNames.ForHosts("a.example.com"),
        }, Now).Require();
        using var serving = ServingCertificate.Create([leaf, middle.Certificate], key);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accepting = AcceptAsync(listener, serving, asksForCertificate);

        var answer = await EndpointProbe.FetchAsync(
            new() { Host = "127.0.0.1", Port = ((IPEndPoint)listener.LocalEndpoint).Port, ServerName = "a.example.com", ApplicationProtocols = ["h2"] },
            TimeProvider.System, CancellationToken.None);

        await accepting;
        Assert.True(answer.Completed, answer.Failure);
        Assert.Equal([leaf, middle.Certificate], answer.Chain);
        Assert.Equal("TLS 1.3", answer.Version);
        Assert.Equal("h2", answer.ApplicationProtocol);
        Assert.Equal(asksForCertificate, answer.ClientCertificateRequested);
    }

    [Fact]
    public async Task A_refused_connection_is_a_value()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var answer = await EndpointProbe.FetchAsync(new() { Host = "127.0.0.1", Port = port }, TimeProvider.System, CancellationToken.None);
        Assert.False(answer.Completed);
        Assert.Empty(answer.Chain);
    }

    private static async Task AcceptAsync(TcpListener listener, ServingCertificate serving, bool asksForCertificate)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await using var tls = new SslStream(client.GetStream());
        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = serving.Context,
            ClientCertificateRequired = asksForCertificate,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ApplicationProtocols = [SslApplicationProtocol.Http2],
        });
        Assert.Equal(0, await tls.ReadAsync(new byte[1]));
    }
}
