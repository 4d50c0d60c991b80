// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Approval;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Issuance.Ingresses;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Issuance.Probing;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance;

/// <summary>The room's loops and what they follow: Certificates, their requests and Secrets, and the issuers.</summary>
internal sealed class IssuanceLoops : IDisposable
{
    private static readonly Backoff Quick = new() { Longest = TimeSpan.FromSeconds(30) };

    private readonly ApiClient _client;
    private readonly IssuanceOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly NameIndex<CertificateRequestView> _requestsByCertificate;
    private readonly NameIndex<CertificateView> _certificatesBySecret;
    private readonly ImmutableArray<NameIndex<CertificateView>> _certificatesByPassword;
    private readonly NameIndex<IssuerView> _issuersBySecret;
    private readonly NameIndex<IssuerView> _clusterIssuersBySecret;
    private readonly Freshest<CertificateView> _freshCertificates;
    private readonly Freshest<CertificateRequestView> _freshRequests;
    private readonly Freshest<SecretFacts> _freshSecrets;
    private readonly KeyMaker _keys;
    private readonly IssuanceNews _news;
    private Action<IssuerView>? _signers;
    private readonly ControlLoop _certificateLoop;
    private readonly ControlLoop _requestLoop;
    private readonly ControlLoop _issuerLoop;
    private readonly ControlLoop _clusterIssuerLoop;

    private IssuanceLoops(
        LoopSet loops, ApiClient client, IssuanceOptions options, TimeProvider time, ILogger logger, ImmutableArray<IIssuerKind> moreKinds)
    {
        (_client, _options, _time, _logger) = (client, options, time, logger);
        Certificates = loops.Follow(client, IssuanceResources.Certificates);
        Requests = loops.Follow(client, IssuanceResources.Requests);
        Issuers = loops.Follow(client, IssuanceResources.Issuers);
        ClusterIssuers = loops.Follow(client, IssuanceResources.ClusterIssuers);
        Secrets = loops.Follow(client, IssuanceResources.Secrets, new InformerScope { LabelSelector = $"{WellKnown.Attention}=true" });
        (_freshCertificates, _freshRequests, _freshSecrets) = (new(Certificates), new(Requests), new(Secrets));
        _requestsByCertificate = new(CertificateOf, Requests);
        _certificatesBySecret = new(certificate => certificate.Spec.SecretName, Certificates);
        _certificatesByPassword = [
            new(certificate => PasswordOf(certificate.Spec.Keystores?.Pkcs12), Certificates),
            new(certificate => PasswordOf(certificate.Spec.Keystores?.Jks), Certificates),
        ];
        _issuersBySecret = new(issuer => issuer.Spec.Ca?.SecretName, Issuers);
        _clusterIssuersBySecret = new(issuer => issuer.Spec.Ca?.SecretName, ClusterIssuers);
        Events = new EventRecorder(client, "sealock-issuance", time, logger);
        loops.AddFeed(Events.RunAsync);

        _news = new IssuanceNews(Events, logger);
        Objects = ObjectsOf();
        var authorities = new AuthoritySource(client, Objects, time, options.CrlAuthorities);
        var kinds = Kinds = [new SelfSignedIssuer(client), new CaIssuer(authorities, Plans, time), .. moreKinds];
        ControlLoop? requestLoop = null;
        var review = ApprovalLoops.AddTo(loops, client, time, () => LookAtRequests(requestLoop, request => !request.IsApproved));
        var requests = new RequestReconciler(
            client, Objects, kinds, new PolicyApproval(client, review, Objects, options, time, logger).DecideAsync, options, Events, _news, time);
        Requests.OnChange(change =>
        {
            if (change is { New: null, Old: { } gone })
                requests.Forget(gone.Metadata.Uid);
        });
        _requestLoop = requestLoop = AddLoop(loops, "certificaterequests", Requests, requests.ReconcileAsync);
        var issuers = new IssuerReconciler(client, kinds, options, _news, time);
        _issuerLoop = AddLoop(loops, "issuers", Issuers, issuers.ReconcileAsync);
        _clusterIssuerLoop = AddLoop(loops, "clusterissuers", ClusterIssuers, issuers.ReconcileAsync);
        _keys = new KeyMaker(certificate => _certificateLoop!.Look(certificate), options.GenerateKey);
        _certificateLoop = AddCertificateLoop(loops);
        Connect(authorities);
        if (options.FollowIngresses)
            FollowIngresses(loops);
        if (options.Probe is { } probe)
            AddProbeLoop(loops, probe);
    }

    public Informer<CertificateView> Certificates { get; }

    public Informer<CertificateRequestView> Requests { get; }

    public Informer<IssuerView> Issuers { get; }

    public Informer<IssuerView> ClusterIssuers { get; }

    /// <summary>Secrets that carry the label <see cref="WellKnown.Attention"/>.</summary>
    public Informer<SecretFacts> Secrets { get; }

    /// <summary>All of these together, the latest that is known.</summary>
    public IssuanceObjects Objects { get; }

    public EventRecorder Events { get; }

    /// <summary>The kinds of issuer that are served.</summary>
    public ImmutableArray<IIssuerKind> Kinds { get; }

    /// <summary>Which of an issuer's CAs is to be used when; kept by whoever follows their renewal.</summary>
    public AuthorityPlans Plans { get; } = new();

    /// <summary>Adds the loops of issuance to a set.</summary>
    /// <param name="loops">Where the loops run.</param>
    /// <param name="client">Acts as whoever may issue Certificates and write their Secrets.</param>
    /// <param name="options">How they behave.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs.</param>
    /// <param name="moreKinds">Kinds of issuer beside selfSigned and ca.</param>
    public static IssuanceLoops AddTo(
        LoopSet loops, ApiClient client, IssuanceOptions options, TimeProvider time, ILogger logger, params ImmutableArray<IIssuerKind> moreKinds) =>
        new(loops, client, options, time, logger, moreKinds);

    /// <summary>Asks for another look at a request: what its issuer waited for has come.</summary>
    public void LookAtRequest(string @namespace, string name) => _requestLoop.Look(new ObjectKey(@namespace, name));

    /// <summary>Asks for another look at an issuer.</summary>
    public void LookAtIssuer(IssuerView issuer) => (issuer.Metadata.Namespace.Length > 0 ? _issuerLoop : _clusterIssuerLoop)
        .Look(new ObjectKey(issuer.Metadata.Namespace, issuer.Metadata.Name));

    /// <summary>Asks for another look at all that has to do with an issuer: its CA is used otherwise from now on.</summary>
    public void LookAtAllOf(IssuerView issuer)
    {
        TakeAuthority(issuer);
        foreach (var certificate in Certificates.Objects.Values)
        {
            var reference = certificate.Spec.IssuerRef;
            if (reference.Name == issuer.Metadata.Name && reference.Kind == issuer.Kind && reference.Group == IssuerReferenceView.OwnGroup
                && (reference.IsCluster || certificate.Metadata.Namespace == issuer.Metadata.Namespace))
                _certificateLoop.Look(KeyOf(certificate));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _keys.Dispose();

    /// <summary>Lets issuers sign Kubernetes' own requests, too.</summary>
    /// <param name="loops">Where the loop runs.</param>
    /// <param name="client">Acts as whoever may sign such requests and ask for others' rights.</param>
    /// <param name="requests">The requests.</param>
    public void SignRequests(LoopSet loops, ApiClient client, Informer<RequestView> requests)
    {
        var signer = new SignerNameReconciler(client, Objects, Kinds, _options, _time);
        var loop = AddLoop(loops, "csr-issuers", requests, signer.ReconcileAsync);
        requests.OnChange(change =>
        {
            if (change.New is null or { IsIssued: true })
                signer.Forget((change.New ?? change.Old)!.Metadata.Uid);
        });
        _signers = LookAtSigners;

        void LookAtSigners(IssuerView issuer)
        {
            foreach (var request in requests.Objects.Values)
            {
                if (!request.IsIssued && SignerNameReconciler.TryParse(request.Spec.SignerName, out var meant, out var @namespace)
                    && meant.Name == issuer.Metadata.Name && @namespace == issuer.Metadata.Namespace)
                    loop.Look(KeyOf(request));
            }
        }
    }

    private IssuanceObjects ObjectsOf() => new()
    {
        Certificate = _freshCertificates.Find,
        Secret = _freshSecrets.Find,
        RequestsOf = (@namespace, certificate) =>
        [
            .. _requestsByCertificate.Find(@namespace, certificate).Select(name => _freshRequests.Find(@namespace, name)).OfType<CertificateRequestView>(),
        ],
        CertificatesOf = (@namespace, secret) =>
        [
            .. _certificatesBySecret.Find(@namespace, secret).Select(name => _freshCertificates.Find(@namespace, name)).OfType<CertificateView>(),
        ],
        Revocation = mark => _options.Revoked?.Find(mark),
        Issuer = (@namespace, reference) => reference.IsCluster
            ? ClusterIssuers.Find("", reference.Name) : Issuers.Find(@namespace, reference.Name),
        Authority = Plans.Find,
        Wrote = written =>
        {
            switch (written)
            {
                case CertificateView certificate:
                    _freshCertificates.Wrote(certificate);
                    break;
                case CertificateRequestView request:
                    _freshRequests.Wrote(request);
                    _requestsByCertificate.Add(request);
                    break;
                case SecretFacts secret:
                    _freshSecrets.Wrote(secret);
                    break;
            }
        },
        Deleted = last =>
        {
            if (last is CertificateRequestView request)
                _freshRequests.Deleted(request);
            else if (last is SecretFacts secret)
                _freshSecrets.Deleted(secret);
        },
    };

    private ControlLoop AddLoop<T>(
        LoopSet loops, string name, Informer<T> informer, Func<T, CancellationToken, ValueTask<Reconciliation>> reconcile)
        where T : class, IObjectView
    {
        var loop = loops.Add(new ControlLoop(
            name,
            AfterSync((key, stop) => informer.Find(key.Namespace, key.Name) is { } current
                ? reconcile(current, stop) : ValueTask.FromResult(Reconciliation.Done)),
            _time, _logger, Quick)
        { Workers = _options.Workers });
        informer.OnChange(change =>
        {
            if (change.New is { } current)
                loop.Look(KeyOf(current));
        });
        return loop;
    }

    private ControlLoop AddCertificateLoop(LoopSet loops)
    {
        var secrets = new SecretStore(_client, Objects, _options);
        Certificates.OnChange(change =>
        {
            if (change is { New: null, Old: { } gone })
                secrets.Forget(gone);
        });
        var run = new IssuanceRun(_client, Objects, _options, secrets, new NextKeys(_client, Objects, _options, secrets, _keys), _news, _time);
        var certificates = new CertificateReconciler(_client, Objects, _options, run, secrets, _news, _time);
        return loops.Add(new ControlLoop(
            "certificates", AfterSync(certificates.ReconcileAsync), _time, _logger, Quick)
        { Workers = _options.Workers });
    }

    private void FollowIngresses(LoopSet loops)
    {
        var ingresses = loops.Follow(_client, IssuanceResources.Ingresses);
        var owned = new NameIndex<CertificateView>(certificate => IngressOf(certificate)?.Name, Certificates);
        var reconciler = new IngressReconciler(
            _client,
            ingress =>
            [
                .. owned.Find(ingress.Metadata.Namespace, ingress.Metadata.Name).Select(name => Certificates.Find(ingress.Metadata.Namespace, name))
                    .OfType<CertificateView>().Where(certificate => IngressOf(certificate)?.Uid == ingress.Metadata.Uid),
            ],
            _options, Events);
        var loop = AddLoop(loops, "ingress-shim", ingresses, reconciler.ReconcileAsync);
        Certificates.OnChange(change =>
        {
            // Changes of the status say nothing new to an Ingress.
            if ((change.New is null || change.Old is null || change.New.Metadata.Generation != change.Old.Metadata.Generation)
                && IngressOf((change.New ?? change.Old)!) is { } ingress)
                loop.Look(new ObjectKey((change.New ?? change.Old)!.Metadata.Namespace, ingress.Name));
        });
    }

    private void AddProbeLoop(LoopSet loops, ProbeEndpoint probe)
    {
        var reconciler = new ProbeReconciler(_client, Objects, probe, _options.ProbeInterval, Events, _time);
        var loop = loops.Add(new ControlLoop(
            "certificate-probes", AfterSync(reconciler.ReconcileAsync), _time, _logger, Quick)
        { Workers = _options.Workers });
        Certificates.OnChange(change =>
        {
            if (IsProbed(change.New) || IsProbed(change.Old))
                loop.Look(KeyOf((change.New ?? change.Old)!));
        });
        Secrets.OnChange(change =>
        {
            if (change.New is { } secret)
            {
                foreach (var name in _certificatesBySecret.Find(secret.Metadata.Namespace, secret.Metadata.Name))
                {
                    if (IsProbed(Certificates.Find(secret.Metadata.Namespace, name)))
                        loop.Look(new ObjectKey(secret.Metadata.Namespace, name));
                }
            }
        });
    }

    private static bool IsProbed(CertificateView? certificate) => certificate?.Metadata.Annotations.ContainsKey(WellKnown.Probe) == true;

    private static OwnerReferenceView? IngressOf(CertificateView certificate) =>
        certificate.Metadata.OwnerReferences.FirstOrDefault(owner => owner is { Controller: true, Kind: "Ingress" });

    /// <summary>What is to be looked at when something else changes.</summary>
    private void Connect(AuthoritySource authorities)
    {
        Certificates.OnChange(change =>
        {
            var certificate = (change.New ?? change.Old)!;
            _certificateLoop.Look(KeyOf(certificate));
            if (change.New is null)
                LookAtCertificatesOf(certificate.Metadata.Namespace, certificate.Spec.SecretName);
        });
        Requests.OnChange(change =>
        {
            var request = (change.New ?? change.Old)!;
            if (CertificateOf(request) is { Length: > 0 } name)
                _certificateLoop.Look(new ObjectKey(request.Metadata.Namespace, name));
        });
        Secrets.OnChange(change =>
        {
            var (@namespace, name) = ((change.New ?? change.Old)!.Metadata.Namespace, (change.New ?? change.Old)!.Metadata.Name);
            LookAtCertificatesOf(@namespace, name);
            if ((change.New ?? change.Old)!.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is { Length: > 0 } certificate)
                _certificateLoop.Look(new ObjectKey(@namespace, certificate));
            foreach (var issuer in _issuersBySecret.Find(@namespace, name))
                TakeAuthority(Issuers.Find(@namespace, issuer));
            if (@namespace == _options.ClusterResourceNamespace)
            {
                foreach (var issuer in _clusterIssuersBySecret.Find("", name))
                    TakeAuthority(ClusterIssuers.Find("", issuer));
            }

            if (change.New is null)
                authorities.Forget(@namespace, name);
        });
        if (_options.Revoked is { } revoked)
        {
            revoked.Changed += mark =>
            {
                foreach (var secret in Secrets.Objects.Values.Where(secret => secret.Leaf?.Mark == mark))
                    LookAtCertificatesOf(secret.Metadata.Namespace, secret.Metadata.Name);
            };
        }

        Issuers.OnChange(change => LookAtRequestsOf(change.New));
        ClusterIssuers.OnChange(change => LookAtRequestsOf(change.New));
    }

    private void TakeAuthority(IssuerView? issuer)
    {
        if (issuer is null)
            return;
        LookAtIssuer(issuer);
        LookAtRequestsOf(issuer);
    }

    private void LookAtRequestsOf(IssuerView? issuer)
    {
        if (issuer is not null)
        {
            LookAtRequests(_requestLoop, request => request.IssuerRef.Name == issuer.Metadata.Name && request.IssuerRef.Kind == issuer.Kind
                && (request.IssuerRef.IsCluster || request.Metadata.Namespace == issuer.Metadata.Namespace));
            _signers?.Invoke(issuer);
        }
    }

    private void LookAtRequests(ControlLoop? loop, Func<CertificateRequestView, bool> which)
    {
        foreach (var request in Requests.Objects.Values)
        {
            if (!request.IsIssued && !request.HasFailed && which(request))
                loop?.Look(KeyOf(request));
        }
    }

    private void LookAtCertificatesOf(string @namespace, string secret)
    {
        foreach (var name in _certificatesBySecret.Find(@namespace, secret))
            _certificateLoop.Look(new ObjectKey(@namespace, name));
        foreach (var name in _certificatesByPassword.SelectMany(index => index.Find(@namespace, secret)))
            _certificateLoop.Look(new ObjectKey(@namespace, name));
    }

    private static string? PasswordOf(KeystoreView? store) => store is { Create: true } ? store.PasswordSecretRef?.Name : null;

    /// <summary>No look is taken before all that it decides on is known: what is not seen yet would be taken for missing.</summary>
    private Reconcile AfterSync(Reconcile reconcile) => (key, stop) => IsSynced ? reconcile(key, stop) : WaitAsync(reconcile, key, stop);

    private async ValueTask<Reconciliation> WaitAsync(Reconcile reconcile, ObjectKey key, CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            Certificates.WaitForSyncAsync(cancellationToken), Requests.WaitForSyncAsync(cancellationToken), Secrets.WaitForSyncAsync(cancellationToken),
            Issuers.WaitForSyncAsync(cancellationToken), ClusterIssuers.WaitForSyncAsync(cancellationToken), Plans.WaitAsync(cancellationToken));
        return await reconcile(key, cancellationToken);
    }

    private bool IsSynced => Certificates.IsSynced && Requests.IsSynced && Secrets.IsSynced && Issuers.IsSynced && ClusterIssuers.IsSynced
        && Plans.AreKnown;

    private static string? CertificateOf(CertificateRequestView request) => request.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName);

    private static ObjectKey KeyOf(IObjectView @object) => new(@object.Metadata.Namespace, @object.Metadata.Name);
}
