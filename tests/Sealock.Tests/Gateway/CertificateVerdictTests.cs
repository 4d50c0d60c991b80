// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Listener;
using Sealock.Tests.Support;

namespace Sealock.Tests.Gateway;

public sealed class CertificateVerdictTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-verdicts-").FullName;
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());
    private readonly TestAuthority _authority = new("test-ca");
    private readonly ServingSource _serving;
    private readonly CertificateAuthenticator _authenticator;

    public CertificateVerdictTests()
    {
        using var server = _authority.Issue("CN=localhost", TestAuthority.Usage.Server);
        _serving = new ServingSource(
            new ServingFiles
            {
                CertificateFile = Write("tls.crt", server.ExportCertificatePem()),
                KeyFile = Write("tls.key", server.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()),
                ClientCaFile = Write("ca.crt", _authority.Pem),
            },
            _clock, TimeSpan.FromHours(100), NullLogger.Instance);
        _authenticator = new CertificateAuthenticator(_serving, _clock);
    }

    public void Dispose()
    {
        _serving.Dispose();
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void What_was_found_on_one_connection_holds_on_the_next_until_the_certificate_or_the_ca_ends()
    {
        using var certificate = _authority.Issue("CN=jane", until: _clock.GetUtcNow().AddHours(1));
        var (first, firstUser) = Ask(certificate);
        var (second, secondUser) = Ask(certificate);
        Assert.Equal("jane", firstUser);
        Assert.Equal("jane", secondUser);
        Assert.Same(first.Verdict, second.Verdict);

        using var other = new TestAuthority("other-ca");
        Write("ca.crt", other.Pem);
        _serving.Check();
        Assert.Null(Ask(certificate).User);
        Write("ca.crt", other.Pem + _authority.Pem);
        _serving.Check();
        var (third, thirdUser) = Ask(certificate);
        Assert.Equal("jane", thirdUser);
        Assert.NotSame(first.Verdict, third.Verdict);
        _clock.Advance(TimeSpan.FromHours(2));
        Assert.Null(Ask(certificate).User);
    }

    [Fact]
    public void Each_certificate_and_each_chain_is_verified_for_itself()
    {
        using var jane = _authority.Issue("CN=jane");
        using var tom = _authority.Issue("CN=tom");
        using var stranger = new TestAuthority("test-ca");
        using var forged = stranger.Issue("CN=jane");
        Assert.Equal("jane", Ask(jane).User);
        Assert.Equal("tom", Ask(tom).User);
        Assert.Null(Ask(forged).User);
        Assert.NotSame(Ask(jane).Connection.Verdict, Ask(jane, stranger.Certificate).Connection.Verdict);
    }

    private (ClientConnection Connection, string? User) Ask(X509Certificate2 certificate, params X509Certificate2[] above)
    {
        var connection = new ClientConnection();
        using var chain = new X509Chain();
        chain.ChainPolicy.ExtraStore.AddRange(above);
        connection.Accept(this, certificate, chain, SslPolicyErrors.None);
        return (connection, _authenticator.Authenticate(connection, Revocations.None).User?.Name);
    }

    private string Write(string name, string content)
    {
        var file = Path.Combine(_folder, name);
        File.WriteAllText(file, content);
        return file;
    }
}
