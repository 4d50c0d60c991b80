// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Acme.Dns;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Answering;
using Sealock.Controllers.Acme.Challenges;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Acme.Renewal;
using Sealock.Controllers.Acme.Solvers;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme;

/// <summary>
/// The room put together: the kind of issuer first, which the loops of issuance take in, then the loops of Orders and Challenges
/// beside them.
/// </summary>
internal sealed class AcmeLoops : IDisposable
{
    private static readonly Backoff Quick = new() { Longest = TimeSpan.FromSeconds(30) };

    private readonly ApiClient _client;
    private readonly AcmeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly AcmeConnections _connections;
    private readonly AcmeAccounts _accounts;
    private readonly ReplacedCertificate _replaced;
    private readonly AcmeIssuerKind _kind;
    private readonly PlainProbe _probe;

    /// <param name="client">Acts as whoever may make Orders and Challenges, and read and make Secrets.</param>
    /// <param name="options">How they behave.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Logs.</param>
    /// <param name="metrics">Where requests are counted; null: here alone.</param>
    public AcmeLoops(ApiClient client, AcmeOptions options, TimeProvider time, ILogger logger, AcmeMetrics? metrics = null)
    {
        (_client, _options, _time, _logger) = (client, options, time, logger);
        Metrics = metrics ?? new AcmeMetrics();
        _probe = new PlainProbe(time);
        _connections = new AcmeConnections(options, Metrics, time);
        var keys = new AccountKeys(client, options);
        _accounts = new AcmeAccounts(client, _connections, keys, new AccountRollover(keys, options), options, time);
        _replaced = new ReplacedCertificate(client, _connections);
        _kind = new AcmeIssuerKind(client, _accounts, _replaced, options);
    }

    /// <summary>For the loops of issuance.</summary>
    public IIssuerKind Kind => _kind;

    /// <summary>What has happened with ACME servers so far.</summary>
    public AcmeMetrics Metrics { get; }

    /// <summary>Adds the loops of Orders, Challenges and renewal information.</summary>
    /// <param name="loops">Where they run.</param>
    /// <param name="issuance">The loops of issuance, which <see cref="Kind"/> was given to.</param>
    /// <param name="answers">Is kept in step with the Challenges, where no store does that; null for none.</param>
    public void AddTo(LoopSet loops, IssuanceLoops issuance, ChallengeTable? answers = null)
    {
        var orders = loops.Follow(_client, AcmeResources.Orders);
        var challenges = loops.Follow(_client, AcmeResources.Challenges);
        var (freshOrders, freshChallenges) = (new Freshest<OrderView>(orders), new Freshest<ChallengeView>(challenges));
        var objects = new AcmeObjects
        {
            Order = freshOrders.Find,
            Orders = () => orders.Objects.Values,
            Challenge = freshChallenges.Find,
            Issuer = issuance.Objects.Issuer,
            WroteOrder = freshOrders.Wrote,
            WroteChallenge = freshChallenges.Wrote,
        };
        _kind.Objects = () => orders.IsSynced ? objects : null;
        _replaced.Certificate = issuance.Objects.Certificate;
        Metrics.Follow(() => challenges.Objects.Values);
        bool IsSynced() => orders.IsSynced && challenges.IsSynced && issuance.Issuers.IsSynced && issuance.ClusterIssuers.IsSynced;

        var (orderLoop, challengeLoop) = AddLoops(loops, objects, issuance.Events, IsSynced);
        orders.OnChange(change =>
        {
            var order = (change.New ?? change.Old)!;
            orderLoop.Look(KeyOf(order));
            // Nothing but its end, and why it takes long, concerns its request.
            if (RequestOf(order) is { Length: > 0 } request && (change.New is null || order.IsOver || order.Status.Reason != change.Old?.Status.Reason))
                issuance.LookAtRequest(order.Metadata.Namespace, request);
        });
        challenges.OnChange(change =>
        {
            var challenge = (change.New ?? change.Old)!;
            challengeLoop.Look(KeyOf(challenge));
            // Its end, and until when it is put off, concern its order.
            var isDelayed = challenge.Status.Reason != change.Old?.Status.Reason && (challenge.Status.Reason + change.Old?.Status.Reason).Contains(NextTry.Mark, StringComparison.Ordinal);
            if ((change.New is null || challenge.IsOver || isDelayed) && AcmeObjects.OrderOf(challenge) is { Length: > 0 } order)
                orderLoop.Look(new ObjectKey(challenge.Metadata.Namespace, order));
            if (change.New is { } now)
                answers?.Put(now);
            else
                answers?.Remove(challenge.Metadata.Namespace, challenge.Metadata.Name);
        });
        // An issuer that becomes ready lets go on what waited for it.
        issuance.Issuers.OnChange(change => LookAtAllOf(change.New, change.Old, objects, orderLoop));
        issuance.ClusterIssuers.OnChange(change => LookAtAllOf(change.New, change.Old, objects, orderLoop));
        AddRenewalInformation(loops, issuance, IsSynced);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _connections.Dispose();
        _probe.Dispose();
    }

    private (ControlLoop Orders, ControlLoop Challenges) AddLoops(
        LoopSet loops, AcmeObjects objects, EventRecorder events, Func<bool> isSynced)
    {
        var resolver = new DnsResolver(_options.DnsServers is { IsDefaultOrEmpty: false } servers ? servers : DnsResolver.SystemServers(), _time);
        var presenters = new Presenters(
            _options, new DnsPresenter(new DnsProviders(_client, _options, resolver, _time), _options, resolver, _time),
            new IngressPresenter(_client, _options, _probe));
        var orders = new OrderReconciler(
            _client, objects, _accounts, new OrderPlacing(objects, _options, _time),
            new OrderPreflight(_options, presenters, new CaaCheck(resolver), _time, events), new ChallengeMaker(_client, objects, presenters), _options, _time,
            events);
        var challenges = new ChallengeReconciler(_client, objects, _accounts, presenters, _options, _time, events);
        var orderLoop = loops.Add(new ControlLoop("orders", (key, stop) => isSynced() ? orders.ReconcileAsync(key, stop) : NotYet, _time, _logger, Quick)
        {
            Workers = _options.Workers,
        });
        var challengeLoop = loops.Add(new ControlLoop(
            "challenges", (key, stop) => isSynced() ? challenges.ReconcileAsync(key, stop) : NotYet, _time, _logger, Quick)
        {
            Workers = _options.Workers,
        });
        (orders.Look, challenges.Look) = (orderLoop.Look, challengeLoop.Look);
        return (orderLoop, challengeLoop);
    }

    private void AddRenewalInformation(LoopSet loops, IssuanceLoops issuance, Func<bool> isSynced)
    {
        var information = new RenewalInformation(_client, issuance.Objects, _connections, _time);
        var loop = loops.Add(new ControlLoop(
            "renewal-information", (key, stop) => isSynced() ? information.ReconcileAsync(key, stop) : NotYet, _time, _logger, Quick)
        {
            Workers = 4,
        });
        issuance.Certificates.OnChange(change =>
        {
            if (change.New is { } certificate && (change.Old is null || change.Old.Status != certificate.Status))
                loop.Look(KeyOf(certificate));
        });
    }

    private static void LookAtAllOf(IssuerView? issuer, IssuerView? before, AcmeObjects objects, ControlLoop loop)
    {
        if (issuer is not { IsReady: true } || before is { IsReady: true })
            return;
        foreach (var order in objects.Orders())
        {
            if (!order.IsOver && order.Spec.IssuerRef.Name == issuer.Metadata.Name && order.Spec.IssuerRef.Kind == issuer.Kind)
                loop.Look(KeyOf(order));
        }
    }

    private static string? RequestOf(OrderView order) =>
        order.Metadata.OwnerReferences.FirstOrDefault(owner => owner.Kind == "CertificateRequest")?.Name;

    private static ValueTask<Reconciliation> NotYet => ValueTask.FromResult(Reconciliation.TryAgain("not all objects are known yet"));

    private static ObjectKey KeyOf(IObjectView @object) => new(@object.Metadata.Namespace, @object.Metadata.Name);
}
