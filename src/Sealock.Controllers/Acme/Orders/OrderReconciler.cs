// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Api.Client;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Challenges;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>
/// Takes one Order after another to its end. What is to be done follows from what is stored (<see cref="OrderAction"/>), so that
/// it can be left at any step and taken up again.
/// </summary>
internal sealed class OrderReconciler(
    ApiClient client, AcmeObjects objects, AcmeAccounts accounts, OrderPlacing placing, OrderPreflight preflight, ChallengeMaker challenges,
    AcmeOptions options, TimeProvider time, EventRecorder? events = null)
{
    private static readonly TimeSpan AfterIssuer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(10);

    /// <summary>What nobody would take for an end: steps in one look are bounded.</summary>
    private const int MostSteps = 20;

    private readonly Progress _progress = new();
    private readonly Lanes _lanes = new(Math.Max(1, options.Workers * 2 / 3));

    /// <summary>Told of Orders that are to be looked at, now that there is a place.</summary>
    public Action<ObjectKey> Look { get; set; } = _ => { };

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Order(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } order)
        {
            _progress.Forget(key);
            return Reconciliation.Done;
        }

        if (order.IsOver)
        {
            _progress.Forget(key);
            placing.Forget(order.Status.Url);
            await challenges.RemoveAsync(order, cancellationToken);
            return Reconciliation.Done;
        }

        var entry = _progress.Of(key, order.Metadata.Uid);
        var notBefore = NextTry.Stored(order.Metadata) is { } stored && stored > entry.NotBefore ? stored : entry.NotBefore;
        var now = time.GetUtcNow();
        if (notBefore > now)
            return Reconciliation.After(notBefore - now);
        if (objects.Issuer(order.Metadata.Namespace, order.Spec.IssuerRef) is not { } issuer)
            return await WaitForIssuerAsync(order, $"the issuer {order.Spec.IssuerRef} is not there", cancellationToken);
        var lane = issuer.Metadata.Uid;
        if (!_lanes.TryEnter(lane, key))
            return Reconciliation.Done;
        try
        {
            var (session, problem) = await accounts.OpenAsync(issuer, cancellationToken);
            return session is null
                ? await WaitForIssuerAsync(order, problem, cancellationToken)
                : await GoOnAsync(order, entry, session, cancellationToken);
        }
        finally
        {
            foreach (var next in _lanes.Leave(lane))
                Look(next);
        }
    }

    private async ValueTask<Reconciliation> GoOnAsync(
        OrderView order, Progress.Entry entry, AcmeSession session, CancellationToken cancellationToken)
    {
        for (var step = 0; step < MostSteps; step++)
        {
            var action = OrderAction.Decide(order, url => challenges.Find(order, url));
            switch (action)
            {
                case OrderAction.Announce:
                    options.FaultPoint?.Invoke("acme.order.announce");
                    order = await WriteAsync(order, OrderObject.State(order, OrderStates.Pending, null), cancellationToken);
                    entry.IsNothingMade = true;
                    continue;
                case OrderAction.Begin:
                    var (begun, afterBegin) = await BeginAsync(order, entry, session, cancellationToken);
                    if (begun is null)
                        return afterBegin;
                    order = begun;
                    continue;
                case OrderAction.ReadAuthorizations { Urls: var urls }:
                    var (read, afterRead) = await ReadAsync(order, entry, session, urls, cancellationToken);
                    if (read is null)
                        return afterRead;
                    order = read;
                    continue;
                case OrderAction.MakeChallenges { Authorizations: var authorizations }:
                    options.FaultPoint?.Invoke("acme.order.challenges");
                    if (await challenges.MakeAsync(order, session, authorizations, cancellationToken) is { } refusal)
                        return await FailAsync(order, OrderStates.Errored, refusal, cancellationToken);
                    continue;
                case OrderAction.Fail { State: var state, Reason: var reason }:
                    return await FailAsync(order, state, reason, cancellationToken);
                case OrderAction.Settle:
                    return await SettleAsync(order, entry, session, cancellationToken);
                case OrderAction.Wait { Delay: var delay } when delay != order.Status.Reason:
                    await WriteAsync(order, OrderObject.State(order, order.Status.State, delay.Length > 0 ? delay : null), cancellationToken);
                    return Reconciliation.Done;
                default:
                    return Reconciliation.Done;
            }
        }

        return Reconciliation.TryAgain("the order does not come to rest");
    }

    private async ValueTask<(OrderView? Order, Reconciliation Otherwise)> BeginAsync(
        OrderView order, Progress.Entry entry, AcmeSession session, CancellationToken cancellationToken)
    {
        if (Names(order, out var problem) is not { } names)
            return (null, await FailAsync(order, OrderStates.Errored, problem, cancellationToken));
        switch (await IsApprovedAsync(order, cancellationToken))
        {
            case false:
                return (null, await FailAsync(
                    order, OrderStates.Errored, "no approved CertificateRequest stands behind this order", cancellationToken));
            case null:
                // The approval is written just now, or is still to come.
                return (null, Rest(entry, NextTry.Growing(entry.Failures++, FirstPoll / 5, AfterIssuer)));
        }

        var directory = await session.Client.GetDirectoryAsync(cancellationToken);
        if (!directory.IsOk)
            return (null, await AfterFailureAsync(order, entry, session, directory.Failure, cancellationToken));
        if (entry.IsNothingMade && await preflight.RefuseAsync(order, session, names, directory.Value, cancellationToken) is { } refusal)
            return (null, await FailAsync(order, OrderStates.Errored, refusal, cancellationToken));
        var placed = await placing.PlaceAsync(order, session, names, !entry.IsNothingMade, cancellationToken);
        if (!placed.IsOk)
        {
            // Nobody knows what becomes of a request that was not answered.
            entry.IsNothingMade = placed.Failure.Kind is AcmeFailureKind.RateLimited or AcmeFailureKind.Refused || placed.Failure.Status == 503;
            return (null, await AfterFailureAsync(order, entry, session, placed.Failure, cancellationToken));
        }

        entry.IsNothingMade = false;
        entry.Failures = 0;
        var written = await WriteAsync(order, OrderObject.Ordered(order, placed.Value), cancellationToken);
        placing.Forget(placed.Value.Url);
        options.FaultPoint?.Invoke("acme.order.stored");
        return (written, default);
    }

    /// <summary>Whoever may make Orders shall not get by what decides on requests. Null: nobody has decided yet.</summary>
    private async ValueTask<bool?> IsApprovedAsync(OrderView order, CancellationToken cancellationToken)
    {
        if (order.Metadata.OwnerReferences.FirstOrDefault(owner => owner.Kind == "CertificateRequest") is not { } owner)
            return false;
        var request = await client.FindAsync(IssuanceResources.RequestObjects, order.Metadata.Namespace, owner.Name, cancellationToken);
        if (request is null || request.Metadata.Uid != owner.Uid || request.Spec.IssuerRef != order.Spec.IssuerRef
            || !request.Spec.Request.AsSpan().SequenceEqual(order.Spec.Request)
            || request.Status.Conditions.Any(condition => condition is { Type: "Denied", Status: "True" }))
            return false;
        return request.Status.Conditions.Any(condition => condition is { Type: "Approved", Status: "True" }) ? true : null;
    }

    private async ValueTask<(OrderView? Order, Reconciliation Otherwise)> ReadAsync(
        OrderView order, Progress.Entry entry, AcmeSession session, IReadOnlyList<string> urls, CancellationToken cancellationToken)
    {
        var read = new List<AcmeAuthorization>();
        foreach (var chunk in urls.Chunk(8))
        {
            foreach (var answer in await Task.WhenAll(chunk.Select(url => session.Client.GetAuthorizationAsync(session.Account, url, cancellationToken))))
            {
                if (!answer.IsOk)
                    return (null, await AfterFailureAsync(order, entry, session, answer.Failure, cancellationToken));
                read.Add(answer.Value);
            }
        }

        entry.Failures = 0;
        return (await WriteAsync(order, OrderObject.Authorizations(order, read), cancellationToken), default);
    }

    private async ValueTask<Reconciliation> SettleAsync(
        OrderView order, Progress.Entry entry, AcmeSession session, CancellationToken cancellationToken)
    {
        var asked = await session.Client.GetOrderAsync(session.Account, order.Status.Url, cancellationToken);
        if (!asked.IsOk)
            return await AfterFailureAsync(order, entry, session, asked.Failure, cancellationToken);
        if (OrderAction.Settled(asked.Value) == Settlement.Finalize)
        {
            if (Request(order, out var problem) is not { } request)
                return await FailAsync(order, OrderStates.Errored, problem, cancellationToken);
            options.FaultPoint?.Invoke("acme.order.finalize");
            var finalized = await session.Client.FinalizeAsync(session.Account, asked.Value, request.Der, cancellationToken);
            if (!finalized.IsOk && !finalized.Failure.Is(ProblemKinds.OrderNotReady))
                return await AfterFailureAsync(order, entry, session, finalized.Failure, cancellationToken);
            if (finalized.IsOk)
            {
                asked = finalized;
                entry.Polls = 0;
            }
        }

        entry.Failures = 0;
        switch (OrderAction.Settled(asked.Value))
        {
            case Settlement.Download:
                return await DownloadAsync(order, entry, session, asked.Value, cancellationToken);
            case Settlement.Failed:
                return await FailAsync(
                    order, OrderStates.Invalid,
                    Remedies.Tell(asked.Value.Error?.ToString() ?? "the ACME server does not say why", asked.Value.Error), cancellationToken);
            case Settlement.Lost:
                return await FailAsync(order, OrderStates.Expired, "the order expired at the ACME server", cancellationToken);
            default:
                var wait = asked.AskAgainAt is { } at ? at - time.GetUtcNow() : NextTry.Growing(entry.Polls, FirstPoll, LongestPoll);
                entry.Polls++;
                return Rest(entry, wait > FirstPoll ? wait : FirstPoll);
        }
    }

    private async ValueTask<Reconciliation> DownloadAsync(
        OrderView order, Progress.Entry entry, AcmeSession session, AcmeOrder asked, CancellationToken cancellationToken)
    {
        options.FaultPoint?.Invoke("acme.order.download");
        var chain = await session.Client.DownloadAsync(session.Account, asked.Certificate, session.Settings.PreferredChain, cancellationToken);
        if (!chain.IsOk)
            return await AfterFailureAsync(order, entry, session, chain.Failure, cancellationToken);
        if (Request(order, out var problem) is not { } request || !chain.Value.Leaf.PublicKey.Equals(request.PublicKey))
        {
            return await FailAsync(
                order, OrderStates.Errored,
                problem.Length > 0 ? problem : "the certificate that the ACME server issued is for another key than was asked for", cancellationToken);
        }

        options.FaultPoint?.Invoke("acme.order.certificate");
        order = await WriteAsync(order, OrderObject.Issued(order, chain.Value.ToPem()), cancellationToken);
        events?.Say(AcmeResources.ApiVersion, OrderView.Kind, order.Metadata, EventRecorder.Normal, "Complete", "Order completed successfully");
        await challenges.RemoveAsync(order, cancellationToken);
        return Reconciliation.Done;
    }

    /// <summary>Whatever the server said no to: later again, or another order, or the end.</summary>
    private async ValueTask<Reconciliation> AfterFailureAsync(
        OrderView order, Progress.Entry entry, AcmeSession session, AcmeFailure failure, CancellationToken cancellationToken)
    {
        if (failure.Is(ProblemKinds.AccountDoesNotExist))
        {
            return await accounts.RestoreAsync(session, cancellationToken)
                ? Rest(entry, TimeSpan.Zero)
                : await RestAsync(order, entry, AfterIssuer, failure.Message, cancellationToken);
        }

        if (order.Status.Url.Length > 0 && (failure.IsNotFound || failure.Is(ProblemKinds.Unauthorized)))
        {
            return await FailAsync(
                order, OrderStates.Expired, $"the ACME server does not know the order any more: {failure.Message}", cancellationToken);
        }

        if (failure.IsTransient || (failure.Kind == AcmeFailureKind.Malformed && entry.Failures < 5))
            return await RestAsync(order, entry, NextTry.After(failure, entry.Failures, time.GetUtcNow()), failure.Message, cancellationToken);
        return await FailAsync(order, OrderStates.Errored, Remedies.Tell(failure.Message, failure.Problem), cancellationToken);
    }

    private async ValueTask<Reconciliation> FailAsync(OrderView order, string state, string reason, CancellationToken cancellationToken)
    {
        options.FaultPoint?.Invoke("acme.order.fail");
        order = await WriteAsync(order, OrderObject.Failed(order, state, reason, time.GetUtcNow()), cancellationToken);
        events?.Say(AcmeResources.ApiVersion, OrderView.Kind, order.Metadata, EventRecorder.Warning, "Failed", reason);
        await challenges.RemoveAsync(order, cancellationToken);
        return Reconciliation.Done;
    }

    /// <summary>Nobody is asked for anything meanwhile: when the issuer changes, the order is looked at again.</summary>
    private async ValueTask<Reconciliation> WaitForIssuerAsync(OrderView order, string why, CancellationToken cancellationToken)
    {
        if (order.Status.Reason != why)
            await WriteAsync(order, StatusJson.Patch(order.Metadata, new JsonObject { ["reason"] = why }), cancellationToken);
        return Reconciliation.After(AfterIssuer);
    }

    /// <summary>Tells why nothing happens for a while, and until when.</summary>
    private async ValueTask<Reconciliation> RestAsync(
        OrderView order, Progress.Entry entry, TimeSpan wait, string why, CancellationToken cancellationToken)
    {
        entry.Failures++;
        var until = time.GetUtcNow() + wait;
        var result = Rest(entry, wait);
        order = await WriteAsync(
            order, OrderObject.State(order, order.Status.State.Length > 0 ? order.Status.State : OrderStates.Pending, $"{why}; {NextTry.Tell(until)}"),
            cancellationToken);
        if (wait >= NextTry.WorthStoring)
        {
            objects.WroteOrder(await client.PatchAsync(
                AcmeResources.Orders, order.Metadata.Namespace, order.Metadata.Name, NextTry.Patch(order.Metadata, until),
                cancellationToken: cancellationToken));
        }

        return result;
    }

    private Reconciliation Rest(Progress.Entry entry, TimeSpan wait)
    {
        entry.NotBefore = time.GetUtcNow() + wait;
        return Reconciliation.After(wait);
    }

    private async ValueTask<OrderView> WriteAsync(OrderView order, JsonObject patch, CancellationToken cancellationToken) =>
        objects.WroteOrder(await client.PatchAsync(
            AcmeResources.Orders, order.Metadata.Namespace, order.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken));

    private static List<AcmeIdentifier>? Names(OrderView order, out string problem)
    {
        problem = "";
        try
        {
            List<AcmeIdentifier> names = [.. order.Spec.DnsNames.Concat(order.Spec.IpAddresses).Select(AcmeIdentifier.Parse).Distinct()];
            if (names.Count > 0)
                return names;
            problem = "the order names nothing";
        }
        catch (PkiFormatException fault)
        {
            problem = fault.Message;
        }

        return null;
    }

    private static CertificateSigningRequest? Request(OrderView order, out string problem)
    {
        problem = "";
        try
        {
            return CertificateSigningRequest.FromPem(Encoding.UTF8.GetString(order.Spec.Request));
        }
        catch (PkiFormatException fault)
        {
            problem = $"spec.request cannot be read: {fault.Message}";
            return null;
        }
    }
}
