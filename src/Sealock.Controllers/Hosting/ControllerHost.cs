// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Acme;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.GarbageCollection;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Namespaces;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.ServiceAccounts;
using Sealock.Controllers.Trust;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Hosting;

/// <summary>
/// All loops, listed in one place. The same host runs on this process's API server and, over HTTPS, on any
/// kube-apiserver.
/// </summary>
public sealed class ControllerHost : IDisposable
{
    private readonly ControllerClients _clients;
    private readonly ControllerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ILogger _signingLogger;
    private readonly LoopSet _loops;
    private readonly IssuanceLoops? _issuance;
    private readonly AcmeLoops? _acme;

    /// <summary>Sets the loops up; nothing is sent before <see cref="RunAsync"/>.</summary>
    /// <param name="clients">As whom the loops act.</param>
    /// <param name="options">What runs.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Logs.</param>
    public ControllerHost(ControllerClients clients, ControllerOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        _clients = clients;
        _options = options;
        _time = time;
        _loops = new LoopSet(time, _logger = loggers.CreateLogger("Sealock.Controllers"), options.Namespace);
        _signingLogger = loggers.CreateLogger("Sealock.Signing");
        var requests = options.Requests ? AddRequestLoops() : null;
        var revoked = options.CrlAuthorities is { } listed
            ? RevocationLoops.AddTo(_loops, clients.Issuance, listed, options.CrlTimes, time, _logger) : null;
        if (options.Issuance is { } chosen)
        {
            var issuance = chosen with { CrlAuthorities = options.CrlAuthorities, Revoked = revoked };
            var logger = loggers.CreateLogger("Sealock.Issuance");
            _acme = new AcmeLoops(clients.Issuance, options.Acme with
            {
                ClusterResourceNamespace = issuance.ClusterResourceNamespace,
                FaultPoint = options.Acme.FaultPoint ?? issuance.FaultPoint,
            }, time, logger);
            _issuance = IssuanceLoops.AddTo(_loops, clients.Issuance, issuance, time, logger, _acme.Kind);
            _acme.AddTo(_loops, _issuance, options.Challenges);
            if (requests is not null)
                _issuance.SignRequests(_loops, clients.Requests, requests);
            var authorities = AuthorityLoops.AddTo(_loops, clients.Issuance, _issuance, issuance, time, logger);
            // Bundles go to all namespaces: who may look after one only leaves them to others.
            if (options is { Trust: { } trust, Namespace.Length: 0 })
            {
                trust = trust.Namespace.Length > 0 ? trust : trust with { Namespace = issuance.ClusterResourceNamespace };
                BundleLoops.AddTo(_loops, clients.Issuance, authorities, trust, _issuance.Events, time, logger);
            }
        }

        if (options.Housekeeping)
        {
            var accounts = _loops.Follow(_clients.Housekeeping, ResourceTypes.ServiceAccounts);
            AddNamespaceLoops(accounts);
            AddTokenLoops(accounts);
            AddGarbageCollector();
        }
    }

    /// <summary>What each loop has done so far.</summary>
    public ImmutableArray<LoopMetrics> Metrics => _loops.Metrics;

    /// <summary>What issuance looks after; null where it does not run.</summary>
    public IssuanceFigures? Issuance => _issuance is null ? null : new IssuanceFigures(
        [.. _issuance.Certificates.Objects.Values.Select(FiguresOf)],
        [.. _issuance.Issuers.Objects.Values.Concat(_issuance.ClusterIssuers.Objects.Values).Select(FiguresOf)]);

    /// <summary>Whether every loop knows the objects it looks after.</summary>
    public bool IsSynced => _loops.IsSynced;

    /// <summary>What has happened with ACME servers so far; null where no Certificates are issued.</summary>
    public AcmeMetrics? AcmeMetrics => _acme?.Metrics;

    /// <summary>Completes when every loop knows the objects it looks after.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => _loops.WaitForSyncAsync(cancellationToken);

    /// <summary>Runs all loops until cancelled, and waits for the looks that have begun.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => _loops.RunAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose()
    {
        _loops.Dispose();
        _issuance?.Dispose();
        _acme?.Dispose();
    }

    private static CertificateFigures FiguresOf(CertificateView certificate)
    {
        var (issuer, status) = (certificate.Spec.IssuerRef, certificate.Status);
        return new CertificateFigures(
            certificate.Metadata.Namespace, certificate.Metadata.Name, issuer.Name, issuer.Kind, issuer.Group,
            certificate.Condition("Ready")?.Status ?? "Unknown", status.NotBefore, status.NotAfter, status.RenewalTime,
            status.FailedIssuanceAttempts ?? 0)
        {
            Served = certificate.Condition("Served")?.Status ?? "",
        };
    }

    private static IssuerFigures FiguresOf(IssuerView issuer) => new(
        issuer.Metadata.Namespace, issuer.Metadata.Name,
        issuer.Status.Conditions.FirstOrDefault(condition => condition.Type == "Ready")?.Status ?? "Unknown");

    private Informer<RequestView> AddRequestLoops()
    {
        var client = _clients.Requests;
        var requests = _loops.Follow(client, ResourceTypes.Requests);
        if (_options.ApproveKubeletClients || _options.ApproveKubeletServing)
        {
            var approver = new RequestApprover(
                client, _time, _options.ApproveKubeletClients, _options.ApproveKubeletServing);
            _loops.AddLoop("csrapproving", requests, approver.ReconcileAsync, _options.SigningWorkers);
        }

        ControlLoop? signing = null;
        var authorities = Authorities(client, signerName =>
        {
            foreach (var request in requests.Objects.Values.Where(request => request.Spec.SignerName == signerName))
                signing?.Look(new ObjectKey("", request.Metadata.Name));
        });
        if (_options.CrlAuthorities is { } listed)
        {
            foreach (var (signerName, authority) in authorities)
                listed.Put($"signer {signerName}", authority);
        }

        var signer = new RequestSigner(client, authorities, _options.SigningDuration, _time, _options.CrlUrl);
        requests.OnChange(change =>
        {
            if (change.New is null or { IsIssued: true })
                signer.Confirm((change.New ?? change.Old)?.Metadata.Uid ?? "");
        });
        signing = _loops.AddLoop("csrsigning", requests, signer.ReconcileAsync, _options.SigningWorkers);
        if (_options.CleanRequests)
            _loops.AddLoop("csrcleaner", requests, new RequestCleaner(client, _time).ReconcileAsync);
        return requests;
    }

    private FrozenDictionary<string, ISigningAuthority> Authorities(ApiClient client, Action<string> changed)
    {
        var authorities = _options.Signers.ToDictionary(StringComparer.Ordinal);
        foreach (var signer in _options.SecretSigners)
        {
            var authority = new SecretAuthority(
                signer.Namespace, signer.Secret, _signingLogger);
            var scope = new InformerScope { Namespace = signer.Namespace, FieldSelector = $"metadata.name={signer.Secret}" };
            _loops.Follow(client, ResourceTypes.Secrets, scope).OnChange(change =>
            {
                authority.Take(change.New);
                changed(signer.SignerName);
            });
            authorities[signer.SignerName] = authority;
        }

        return authorities.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private void AddNamespaceLoops(Informer<MetadataView> accounts)
    {
        var client = _clients.Housekeeping;
        var namespaces = _loops.Follow(client, ResourceTypes.Namespaces);
        _loops.AddLoop("namespace", namespaces, new NamespaceDeleter(client, _time).ReconcileAsync);

        var roots = _loops.Follow(client, ResourceTypes.ConfigMaps, new InformerScope
        {
            FieldSelector = $"metadata.name={NamespaceFurnisher.RootCertificates}",
        });
        var furnisher = new NamespaceFurnisher(
            client,
            name => namespaces.Find("", name),
            name => accounts.Find(name, NamespaceFurnisher.DefaultAccount),
            name => roots.Find(name, NamespaceFurnisher.RootCertificates),
            _options.RootCaPem);
        AddFurnishing("serviceaccount", furnisher.EnsureAccountAsync, accounts, NamespaceFurnisher.DefaultAccount);
        if (_options.RootCaPem is not null)
        {
            AddFurnishing(
                "root-ca-cert-publisher", furnisher.EnsureRootCertificatesAsync, roots, NamespaceFurnisher.RootCertificates);
        }

        void AddFurnishing<T>(string name, Reconcile reconcile, Informer<T> furniture, string furnitureName)
            where T : class, IObjectView
        {
            var loop = _loops.Add(new ControlLoop(name, AfterSync(reconcile, () => namespaces.IsSynced && furniture.IsSynced), _time, _logger));
            namespaces.OnChange(change => Look(loop, change.New?.Metadata.Name));
            furniture.OnChange(change =>
            {
                if ((change.New ?? change.Old)?.Metadata is { } metadata && metadata.Name == furnitureName)
                    Look(loop, metadata.Namespace);
            });
        }
    }

    private void AddTokenLoops(Informer<MetadataView> accounts)
    {
        var client = _clients.Housekeeping;
        var tokenSecrets = _loops.Follow(client, ResourceTypes.Secrets, new InformerScope
        {
            FieldSelector = $"type={TokenSecretFiller.SecretType}",
        });
        var tokenLoop = _loops.AddLoop(
            "serviceaccount-token", tokenSecrets, new TokenSecretFiller(client, _options.RootCaPem).ReconcileAsync);
        // A service account that goes takes its Secrets with it.
        accounts.OnChange(change =>
        {
            if (change.New is not null && change.Old is not null)
                return;
            var @namespace = (change.New ?? change.Old)!.Metadata.Namespace;
            foreach (var secret in tokenSecrets.Objects.Values.Where(secret => secret.Metadata.Namespace == @namespace))
                tokenLoop.Look(new ObjectKey(@namespace, secret.Metadata.Name));
        });

        var bootstrapSecrets = _loops.Follow(client, ResourceTypes.Secrets, new InformerScope
        {
            Namespace = BootstrapTokenCleaner.Namespace,
            FieldSelector = $"type={BootstrapTokenCleaner.SecretType}",
        });
        _loops.AddLoop("tokencleaner", bootstrapSecrets, new BootstrapTokenCleaner(client, _time).ReconcileAsync);
    }

    private void AddGarbageCollector()
    {
        var collector = new GarbageCollector(_clients.Housekeeping, _time, _logger);
        ControlLoop? loop = null;
        loop = _loops.Add(new ControlLoop("garbagecollector", (key, stop) => collector.ReconcileAsync(loop!, key, stop), _time, _logger)
        {
            Workers = 4,
        });
        _loops.AddFeed(stop => collector.FollowAsync(loop, stop));
    }

    private static Reconcile AfterSync(Reconcile reconcile, Func<bool> isSynced) => (key, stop) => isSynced()
        ? reconcile(key, stop) : ValueTask.FromResult(Reconciliation.TryAgain("not all objects are known yet"));

    private static void Look(ControlLoop loop, string? @namespace)
    {
        if (@namespace is { Length: > 0 })
            loop.Look(new ObjectKey("", @namespace));
    }
}
