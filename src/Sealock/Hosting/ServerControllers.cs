// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Security;
using Sealock.Controllers.Acme;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Roles;
using Sealock.Controllers.Trust;
using Sealock.Gateway.Bootstrap;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.RevocationLists;
using Sealock.Settings;

namespace Sealock.Hosting;

/// <summary>The loops that run beside a server in its process, each as a service account with no more rights than it needs.</summary>
internal sealed class ServerControllers : IAsyncDisposable
{
    private static readonly ImmutableArray<string> BuiltInSigners =
    [
        "kubernetes.io/kube-apiserver-client", "kubernetes.io/kube-apiserver-client-kubelet",
        "kubernetes.io/kubelet-serving", "kubernetes.io/legacy-unknown",
    ];

    private readonly CancellationTokenSource _stop = new();
    private readonly ControllerHost _host;
    private readonly RoleAggregator _roles;
    private readonly SigningAuthorities _authorities;
    private readonly Task _run;

    private ServerControllers(ControllerHost host, RoleAggregator roles, SigningAuthorities authorities) =>
        (_host, _roles, _authorities, _run) =
            (host, roles, authorities, Task.WhenAll(host.RunAsync(_stop.Token), roles.RunAsync(_stop.Token)));

    /// <summary>Starts all loops.</summary>
    public static ServerControllers Start(
        ServerSettings settings, ServingCertificates serving, IEnumerable<int> ports, Func<UserInfo, ApiClient> client, TimeProvider clock,
        ILoggerFactory logs)
    {
        var authorities = Authorities(settings, serving, clock, logs.CreateLogger("Sealock.Signing"));
        var options = new ControllerOptions
        {
            Signers = authorities.BySigner,
            CrlAuthorities = authorities.Listed,
            CrlUrl = settings.CrlUrl is { } url ? keyId => url + CrlEndpoint.PathOf(keyId) : null,
            SecretSigners = [.. settings.CustomSigners.Select(signer => SecretSigner.Parse($"{signer.Key}={signer.Value}"))],
            SigningDuration = settings.ClusterSigningDuration,
            Issuance = new IssuanceOptions
            {
                ClusterResourceNamespace = settings.ClusterResourceNamespace,
                TrustsRequestIdentity = true,
                Probe = IssuanceProbe.With(settings.ProbeAllow, ports, clock),
                FaultPoint = settings.FaultPoint,
            },
            Trust = new TrustOptions { Namespace = settings.TrustNamespace ?? "", FiltersExpired = settings.FilterExpiredCertificates },
            Acme = Acme(settings),
            ApproveKubeletServing = true,
            RootCaPem = (settings.RootCaFile ?? serving.Files.ServingCaFile) is { } file ? File.ReadAllText(file) : null,
        };
        var host = new ControllerHost(
            new ControllerClients(
                client(SealockPolicy.CertificateController), client(SealockPolicy.Housekeeper), client(IssuancePolicy.Controller)),
            options, clock, logs);
        return new ServerControllers(host, new RoleAggregator(client(SealockPolicy.RoleAggregator), clock, logs), authorities);
    }

    /// <summary>Writes what the loops did and look after.</summary>
    public void WriteMetrics(PrometheusText text, TimeProvider clock) =>
        IssuanceMetrics.Write(text, _host.Metrics, _host.Issuance, _host.AcmeMetrics, clock);

    /// <summary>The CAs that sign here: those in files, and those that issuers have in Secrets.</summary>
    public IEnumerable<MeasuredCertificate> Certificates()
    {
        List<MeasuredCertificate> inFiles = [];
        foreach (var (files, authority) in _authorities.ByFiles)
        {
            if (authority.Current.Authority is { } signing)
                inFiles.Add(new MeasuredCertificate(signing.Certificate, "signer", MeasuredCertificate.InFile(files.CertificateFile)));
        }

        var known = inFiles.Select(one => one.Certificate.Sha256Hex).ToHashSet(StringComparer.Ordinal);
        return inFiles.Concat(_authorities.Listed.Certificates
            .Where(certificate => !known.Contains(certificate.Sha256Hex))
            .Select(certificate => new MeasuredCertificate(certificate, "signer", [])));
    }

    /// <summary>TLS-ALPN-01 is validated on port 443 only (RFC 8737), so that another port has to be forwarded to.</summary>
    private static AcmeOptions Acme(ServerSettings settings) => new()
    {
        IsServer = true,
        TlsAlpnRefusal = settings.TlsAlpnForwarded || settings.Listen.Any(address => address.Port == 443) ? ""
            : "TLS-ALPN-01 is validated on port 443 only, where this server does not listen: add --listen ADDRESS:443, or forward port 443 "
                + "to it without ending TLS and say so (--acme-tls-alpn-forwarded)",
        AnswersHttp = settings.HttpPort is not null,
        DnsHook = settings.AcmeDnsHook ?? "",
        DnsServers = [.. settings.AcmeDnsServers],
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        try
        {
            await _run;
        }
        catch (OperationCanceledException)
        {
            // The loops were told to end.
        }

        _host.Dispose();
        _roles.Dispose();
        _stop.Dispose();
    }

    /// <summary>
    /// The CAs of the built-in signers: each its own, or one for all, or the CA made here if client certificates are
    /// verified by it. Otherwise nobody signs: what nobody trusts is not worth a signature. Revocation lists are kept
    /// for these and for the CA made here.
    /// </summary>
    private static SigningAuthorities Authorities(
        ServerSettings settings, ServingCertificates serving, TimeProvider clock, ILogger logger)
    {
        var own = new KeyPairFiles(serving.Folder.CaCertificate, serving.Folder.CaKey);
        var shared = settings.ClusterSigning ?? (settings.ClientCaFile is null ? own : null);
        var signers = BuiltInSigners
            .Select(name => (Name: name, Files: settings.SignerFiles.GetValueOrDefault(name) ?? shared))
            .Where(signer => signer.Files is not null)
            .ToList();
        var authorities = signers.Select(signer => signer.Files!).Append(own).Distinct()
            .ToDictionary(files => files, files => (ISigningAuthority)new FileAuthority(files.CertificateFile, files.KeyFile, clock, logger));
        var listed = new CrlAuthorities();
        if (File.Exists(own.CertificateFile) && File.Exists(own.KeyFile))
            listed.Put("cluster CA", authorities[own]);
        return new SigningAuthorities(
            signers.ToImmutableDictionary(signer => signer.Name, signer => authorities[signer.Files!]), listed, authorities);
    }

    /// <summary>The CAs by the signers that they are for, those that revocation lists are kept for, and those in files.</summary>
    private sealed record SigningAuthorities(
        ImmutableDictionary<string, ISigningAuthority> BySigner, CrlAuthorities Listed,
        IReadOnlyDictionary<KeyPairFiles, ISigningAuthority> ByFiles);
}
