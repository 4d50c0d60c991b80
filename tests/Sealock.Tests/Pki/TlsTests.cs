// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Tests.Pki;

/// <summary>Real handshakes over loopback with the material and the verification of this room.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly KeyPair rootKey = KeyPair.Generate();
    private readonly KeyPair middleKey = KeyPair.Generate();
    private readonly CertificateAuthority root;
    private readonly CertificateAuthority middle;

    public TlsTests()
    {
        root = CertificateAuthority.CreateRoot("root", rootKey, Now);
        middle = new([root.Issue(new()
        {
            Subject = DistinguishedName.Create("middle"),
            PublicKey = middleKey.PublicKey,
            Profile = CertificateProfile.Ca,
        }, Now).Require(), root.Certificate], middleKey);
    }

    public void Dispose()
    {
        rootKey.Dispose();
        middleKey.Dispose();
    }

    private ServingCertificate Issue(CertificateProfile profile, KeyAlgorithm algorithm = KeyAlgorithm.EcdsaP256)
    {
        using var key = KeyPair.Generate(algorithm);
        var leaf = middle.Issue(new()
        {
            Subject = DistinguishedName.Create("jane", "dev"),
            PublicKey = key.PublicKey,
            Profile = profile,
            Names = SubjectAlternativeNames.ForHosts("a.example.com"),
        }, Now).Require();
        return ServingCertificate.FromPem(leaf.ToPem() + middle.Certificate.ToPem(), key.ToTraditionalPem());
    }

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public async Task Both_sides_verify_each_other_against_their_pool(KeyAlgorithm algorithm)
    {
        using var server = Issue(CertificateProfile.Server, algorithm);
        using var client = Issue(CertificateProfile.Client);
        var pool = new TrustPool([root.Certificate]);
        var asServer = new PeerVerification(pool, null, TimeProvider.System);
        ChainVerdict? ofClient = null;
        var (serverError, clientError) = await Handshake(
            server.Context, new PeerVerification(pool, "a.example.com", TimeProvider.System).ClientOptions("a.example.com", client),
            (certificate, chain) => (ofClient = asServer.VerifyClient(certificate, chain)).IsTrusted);
        Assert.Null(serverError);
        Assert.Null(clientError);
        Assert.Equal(["jane", "middle", "root"], ofClient!.Chain!.Select(c => c.Subject.CommonName));
    }

    [Fact]
    public async Task A_client_refuses_the_wrong_host_and_another_root()
    {
        using var server = Issue(CertificateProfile.Server);
        using var otherKey = KeyPair.Generate();
        var other = CertificateAuthority.CreateRoot("root", otherKey, Now);
        foreach (var verification in new[]
        {
            new PeerVerification(new TrustPool([root.Certificate]), "b.example.com", TimeProvider.System),
            new PeerVerification(new TrustPool([other.Certificate]), "a.example.com", TimeProvider.System),
        })
        {
            var (_, clientError) = await Handshake(server.Context, verification.ClientOptions("a.example.com"), (_, _) => true);
            Assert.IsType<AuthenticationException>(clientError);
        }
    }

    [Fact]
    public void A_key_that_is_not_the_certificates_is_refused()
    {
        using var key = KeyPair.Generate();
        var e = Assert.Throws<PkiFormatException>(() => ServingCertificate.Create(root.Chain, key));
        Assert.Contains("does not belong", e.Message, StringComparison.Ordinal);
    }

    private static async Task<(Exception? Server, Exception? Client)> Handshake(
        SslStreamCertificateContext context, SslClientAuthenticationOptions options,
        Func<X509Certificate?, X509Chain?, bool> verifyClient)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var near = new TcpClient();
        var accepting = listener.AcceptTcpClientAsync();
        await near.ConnectAsync((IPEndPoint)listener.LocalEndpoint);
        using var far = await accepting;
        await using var server = new SslStream(far.GetStream());
        await using var client = new SslStream(near.GetStream());
        var serving = Record.ExceptionAsync(() => server.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
        {
            ServerCertificateContext = context,
            ClientCertificateRequired = true,
            RemoteCertificateValidationCallback = (_, certificate, chain, _) => verifyClient(certificate, chain),
            CertificateChainPolicy = PeerVerification.OfflinePolicy(),
        }));
        var clientError = await Record.ExceptionAsync(() => client.AuthenticateAsClientAsync(options));
        if (clientError is not null)
            near.Close();
        return (await serving, clientError);
    }
}
