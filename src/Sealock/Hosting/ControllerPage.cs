// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Controllers.Hosting;
using Sealock.Gateway;
using Sealock.Gateway.Listener;
using Sealock.Gateway.Pipeline;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;

namespace Sealock.Hosting;

/// <summary>
/// How a controller is, over HTTPS: <c>/metrics</c>, <c>/livez</c>, <c>/readyz</c>. It is ready also while another leads.
/// </summary>
internal sealed class ControllerPage : IAsyncDisposable
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(3650);

    private readonly GatewayServer _server;
    private readonly string? _folder;
    private volatile ControllerHost? _host;

    private ControllerPage(ControllerPageSettings settings, string? folder, TimeProvider clock, ILoggerFactory logs)
    {
        _folder = folder;
        _server = new GatewayServer(new GatewayOptions
        {
            Listen = [settings.Listen],
            Serving = new ServingFiles
            {
                CertificateFile = settings.CertificateFile ?? Path.Combine(folder!, "tls.crt"),
                KeyFile = settings.KeyFile ?? Path.Combine(folder!, "tls.key"),
                ClientCaFile = settings.ClientCaFile,
            },
            Authorizer = new PageAccess(settings.ClientCaFile is not null),
            Api = (_, _) => throw ApiException.NoSuchResource(),
            HealthChecks = [new HealthCheck("sync", HealthScope.Ready, _ => ValueTask.FromResult(IsSynced ? null : "objects are still being read"))],
            Clock = clock,
            Logging = logs,
        })
        {
            MoreMetrics = text =>
            {
                if (_host is { } host)
                    IssuanceMetrics.Write(text, host.Metrics, host.Issuance, host.AcmeMetrics, clock);
            },
        };
    }

    /// <summary>Where it listens.</summary>
    public IPEndPoint Endpoint => _server.Endpoints[0];

    private bool IsSynced => _host is not { } host || host.IsSynced;

    /// <summary>Begins to serve.</summary>
    /// <exception cref="CommandException">The address or a file cannot be used.</exception>
    public static async Task<ControllerPage> StartAsync(
        ControllerPageSettings settings, TimeProvider clock, ILoggerFactory logs, CancellationToken cancellationToken)
    {
        var folder = settings.CertificateFile is null ? MakeCertificate(settings.Listen.Address, clock) : null;
        var page = new ControllerPage(settings, folder, clock, logs);
        try
        {
            await page._server.StartAsync(cancellationToken);
            return page;
        }
        catch (IOException error)
        {
            await page.DisposeAsync();
            throw new CommandException($"--metrics-bind-address: {error.Message}");
        }
    }

    /// <summary>Shows this host from now on; null while another process leads.</summary>
    public void Show(ControllerHost? host) => _host = host;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        if (_folder is not null)
            Directory.Delete(_folder, recursive: true);
    }

    private static string MakeCertificate(IPAddress address, TimeProvider clock)
    {
        var folder = Directory.CreateTempSubdirectory("sealock-").FullName;
        using var key = KeyPair.Generate();
        var certificate = CertificateAuthority.SelfSign(
            new IssuanceRequest
            {
                Subject = DistinguishedName.Create("sealock-controller"),
                PublicKey = key.PublicKey,
                Profile = CertificateProfile.Server,
                Names = SubjectAlternativeNames.ForHosts(Names(address)),
                Lifetime = Lifetime,
            },
            key, clock.GetUtcNow()).Require();
        AtomicFile.Write(Path.Combine(folder, "tls.key"), Encoding.ASCII.GetBytes(key.ToPkcs8Pem()), AtomicFile.Secret);
        AtomicFile.Write(Path.Combine(folder, "tls.crt"), Encoding.ASCII.GetBytes(certificate.ToPem()), AtomicFile.Public);
        return folder;
    }

    private static IEnumerable<string> Names(IPAddress address)
    {
        yield return "localhost";
        if (HostNames.IsValidDnsName(Dns.GetHostName(), allowWildcard: false))
            yield return Dns.GetHostName();
        if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            yield return address.ToString();
    }

    /// <summary>Health is for everyone; metrics, where CAs of clients are given, for those who have a certificate.</summary>
    private sealed class PageAccess(bool closed) : IAuthorizer
    {
        public AccessDecision Authorize(in AccessQuestion question) =>
            question.IsResource || question.Verb != "get" || (closed && question.Path == "/metrics" && question.User.Name == UserInfo.Anonymous.Name)
                ? AccessDecision.NoOpinion : new(true, "");

        public AccessRules RulesFor(UserInfo user, string @namespace) => new([], [], "");
    }
}
