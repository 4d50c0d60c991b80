// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Orders;
using Sealock.Controllers.Acme.Solvers;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;

namespace Sealock.Controllers.Acme.Challenges;

/// <summary>
/// Puts the answer of a Challenge in place, sees that it is there, tells the server, asks what it found, and takes the answer
/// away again. No look waits for anything but an answer that is on its way.
/// </summary>
internal sealed class ChallengeReconciler(
    ApiClient client, AcmeObjects objects, AcmeAccounts accounts, Presenters presenters, AcmeOptions options, TimeProvider time,
    EventRecorder? events = null)
{
    private static readonly TimeSpan AfterIssuer = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstCheck = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestCheck = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan LongestCleanUp = TimeSpan.FromMinutes(5);

    /// <summary>What is removed with its answer still in place, after so many tries: a dead DNS server must not hold a namespace.</summary>
    private const int MostCleanUps = 8;

    private readonly Progress _progress = new();
    private readonly Lanes _lanes = new(Math.Max(1, options.Workers * 2 / 3));
    private readonly ChallengeTurns _turns = new(options.MaxChallenges);

    /// <summary>Told of Challenges that are to be looked at, now that there is a place.</summary>
    public Action<ObjectKey> Look { get; set; } = _ => { };

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Challenge(key.Namespace, key.Name) is not { } challenge)
        {
            Over(key);
            return Reconciliation.Done;
        }

        var entry = _progress.Of(key, challenge.Metadata.Uid);
        var isLeaving = challenge.Metadata.DeletionTimestamp is not null;
        if (isLeaving && !challenge.IsHeld)
        {
            Over(key);
            return Reconciliation.Done;
        }

        var now = time.GetUtcNow();
        var notBefore = !isLeaving && !challenge.IsOver && NextTry.Stored(challenge.Metadata) is { } stored && stored > entry.NotBefore ? stored : entry.NotBefore;
        if (notBefore > now && (!isLeaving || entry.IsLeaving))
            return Reconciliation.After(notBefore - now);
        if (isLeaving)
            return await LeaveAsync(key, challenge, entry, cancellationToken);
        if (challenge.IsOver)
            return await FinishAsync(key, challenge, entry, cancellationToken);
        if (objects.Issuer(challenge.Metadata.Namespace, challenge.Spec.IssuerRef) is not { } issuer)
            return await RestAsync(key, challenge, entry, AfterIssuer, $"the issuer {challenge.Spec.IssuerRef} is not there", cancellationToken);
        var lane = issuer.Metadata.Uid;
        if (!_turns.TryBegin(lane, $"{challenge.Spec.DnsName}/{challenge.Spec.Type}", key) || !_lanes.TryEnter(lane, key))
            return Reconciliation.Done;
        try
        {
            var (session, problem) = await accounts.OpenAsync(issuer, cancellationToken);
            return session is null
                ? await RestAsync(key, challenge, entry, AfterIssuer, problem, cancellationToken)
                : await SolveAsync(key, challenge, entry, session, cancellationToken);
        }
        finally
        {
            foreach (var next in _lanes.Leave(lane))
                Look(next);
        }
    }

    private async ValueTask<Reconciliation> SolveAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, AcmeSession session, CancellationToken cancellationToken)
    {
        var (presenter, refusal) = presenters.Find(challenge.Spec.Solver);
        if (presenter is null)
            return await EndAsync(key, challenge, entry, OrderStates.Errored, refusal, cancellationToken);
        if (!await IsOrderedAsync(challenge, cancellationToken))
            return await EndAsync(key, challenge, entry, OrderStates.Errored, "no Order asks for this challenge", cancellationToken);
        if (!challenge.Status.Presented)
        {
            options.FaultPoint?.Invoke("acme.challenge.present");
            if (await presenter.PresentAsync(challenge, cancellationToken) is { } problem)
                return await RestAsync(key, challenge, entry, NextTry.Growing(entry.Failures), problem, cancellationToken);
            entry.Failures = 0;
            entry.IsPresentedHere = true;
            challenge = await WriteAsync(challenge, new JsonObject
            {
                ["processing"] = true,
                ["presented"] = true,
                ["presentedAt"] = ObjectFields.Rfc3339(time.GetUtcNow()),
                ["state"] = OrderStates.Pending,
                ["reason"] = null,
            }, cancellationToken);
        }
        else if (!entry.IsTold)
        {
            // Whoever put it in place may have told the server too, which refuses to be told twice.
            if (await AskAsync(key, challenge, entry, session, cancellationToken) is { } decided)
                return decided;
        }

        if (!entry.IsTold && !entry.IsPresentedHere)
        {
            // Another process did, and may have led it to itself.
            if (await presenter.PresentAsync(challenge, cancellationToken) is { } problem)
                return await RestAsync(key, challenge, entry, NextTry.Growing(entry.Failures), problem, cancellationToken);
            entry.IsPresentedHere = true;
        }

        if (!entry.IsTold)
        {
            if (!entry.IsSeen && await UnseenAsync(challenge, presenter, cancellationToken) is { } unseen)
                return await RestAsync(key, challenge, entry, unseen.Wait ?? NextTry.Growing(entry.Failures, FirstCheck, LongestCheck), unseen.Why, cancellationToken);
            entry.IsSeen = true;
            options.FaultPoint?.Invoke("acme.challenge.tell");
            var told = await session.Client.RespondAsync(session.Account, challenge.Spec.Url, cancellationToken);
            if (!told.IsOk && !told.Failure.Is(ProblemKinds.Malformed))
                return await AfterFailureAsync(key, challenge, entry, session, told.Failure, cancellationToken);
            entry.IsTold = true;
            entry.Failures = 0;
            options.FaultPoint?.Invoke("acme.challenge.told");
            return Rest(entry, FirstPoll);
        }

        if (await AskAsync(key, challenge, entry, session, cancellationToken) is { } found)
            return found;
        return Rest(entry, Later(entry));
    }

    /// <summary>Whoever may make Challenges shall not have this process answer for what nobody ordered here.</summary>
    private async ValueTask<bool> IsOrderedAsync(ChallengeView challenge, CancellationToken cancellationToken)
    {
        var (@namespace, name) = (challenge.Metadata.Namespace, AcmeObjects.OrderOf(challenge));
        if (challenge.Status.Presented || IsOrderedBy(objects.Order(@namespace, name), challenge))
            return true;
        // What is known of Orders may be older than what is known of Challenges.
        return name.Length > 0 && IsOrderedBy(await client.FindAsync(AcmeResources.Orders, @namespace, name, cancellationToken), challenge);
    }

    private static bool IsOrderedBy(OrderView? order, ChallengeView challenge) =>
        order is not null
        && challenge.Metadata.OwnerReferences.Any(owner => owner.Uid == order.Metadata.Uid)
        && order.Status.Authorizations.Any(authorization => authorization.Url == challenge.Spec.AuthorizationUrl
            && authorization.Identifier == challenge.Spec.DnsName
            && authorization.Challenges.Any(offered => offered.Url == challenge.Spec.Url && offered.Token == challenge.Spec.Token));

    /// <summary>Why the server is not told yet, and for how long; null where it can be.</summary>
    private async ValueTask<(string Why, TimeSpan? Wait)?> UnseenAsync(ChallengeView challenge, IPresenter presenter, CancellationToken cancellationToken)
    {
        if (challenge.Spec.Solver.WaitInsteadOfSelfCheck is { } wait)
        {
            var left = (challenge.Status.PresentedAt ?? time.GetUtcNow()) + wait - time.GetUtcNow();
            return left > TimeSpan.Zero ? ("Waiting as waitInsteadOfSelfCheck says", left) : null;
        }

        return await presenter.CheckAsync(challenge, cancellationToken) is { } missing
            ? ($"Waiting for {challenge.Spec.Type} challenge propagation: {missing}", null) : null;
    }

    /// <summary>Asks the server what it found; null while nothing is decided.</summary>
    private async ValueTask<Reconciliation?> AskAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, AcmeSession session, CancellationToken cancellationToken)
    {
        var asked = await session.Client.GetAuthorizationAsync(session.Account, challenge.Spec.AuthorizationUrl, cancellationToken);
        if (!asked.IsOk)
            return await AfterFailureAsync(key, challenge, entry, session, asked.Failure, cancellationToken);
        entry.Failures = 0;
        entry.AskAgainAt = asked.AskAgainAt;
        var verdict = ChallengeVerdict.Of(challenge, asked.Value);
        entry.IsTold |= verdict.WasTold;
        return verdict.State == OrderStates.Pending ? null : await EndAsync(key, challenge, entry, verdict.State, verdict.Reason, cancellationToken);
    }

    private TimeSpan Later(Progress.Entry entry)
    {
        var own = NextTry.Growing(entry.Polls++, FirstPoll, LongestPoll);
        return entry.AskAgainAt is { } at && at - time.GetUtcNow() is var wait && wait > own ? wait : own;
    }

    private async ValueTask<Reconciliation> AfterFailureAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, AcmeSession session, AcmeFailure failure, CancellationToken cancellationToken)
    {
        if (failure.Is(ProblemKinds.AccountDoesNotExist) && await accounts.RestoreAsync(session, cancellationToken))
            return Rest(entry, TimeSpan.Zero);
        if (failure.IsNotFound || failure.Is(ProblemKinds.Unauthorized))
        {
            return await EndAsync(
                key, challenge, entry, OrderStates.Expired, $"the ACME server does not know the challenge any more: {failure.Message}", cancellationToken);
        }

        if (failure.IsTransient || failure.Is(ProblemKinds.AccountDoesNotExist) || (failure.Kind == AcmeFailureKind.Malformed && entry.Failures < 5))
            return await RestTillAsync(key, challenge, entry, NextTry.After(failure, entry.Failures, time.GetUtcNow()), failure.Message, cancellationToken);
        return await EndAsync(
            key, challenge, entry, OrderStates.Errored, Remedies.Tell(failure.Message, failure.Problem, challenge.Spec.AcmeType), cancellationToken);
    }

    /// <summary>The challenge is decided: this is stored first, then what was put in place goes.</summary>
    private async ValueTask<Reconciliation> EndAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, string state, string reason, CancellationToken cancellationToken)
    {
        options.FaultPoint?.Invoke("acme.challenge.decided");
        var isGone = !challenge.Status.Presented || presenters.Find(challenge.Spec.Solver).Presenter is { LeavesNothing: true };
        var status = new JsonObject { ["state"] = state, ["reason"] = reason };
        if (isGone)
        {
            status["presented"] = false;
            status["processing"] = false;
        }

        challenge = await WriteAsync(challenge, status, cancellationToken);
        if (challenge.HasFailed)
            events?.Say(AcmeResources.ApiVersion, ChallengeView.Kind, challenge.Metadata, EventRecorder.Warning, "Failed", reason);
        return await FinishAsync(key, challenge, entry, cancellationToken);
    }

    private async ValueTask<Reconciliation> FinishAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, CancellationToken cancellationToken)
    {
        if (challenge.Status.Presented)
        {
            if (await CleanUpAsync(challenge, cancellationToken) is { } problem)
                return await RestAsync(key, challenge, entry, NextTry.Growing(entry.Failures, longest: LongestCleanUp), challenge.Status.Reason, cancellationToken, problem);
            challenge = await WriteAsync(challenge, new JsonObject { ["presented"] = false, ["processing"] = false }, cancellationToken);
        }

        if (challenge.Status.Processing)
            await WriteAsync(challenge, new JsonObject { ["processing"] = false }, cancellationToken);
        Over(key);
        return Reconciliation.Done;
    }

    /// <summary>It is being deleted: nothing of it stays, here or at the server.</summary>
    private async ValueTask<Reconciliation> LeaveAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, CancellationToken cancellationToken)
    {
        entry.IsLeaving = true;
        if (challenge.Status.Presented && await CleanUpAsync(challenge, cancellationToken) is not null && entry.Failures++ < MostCleanUps)
            return Rest(entry, NextTry.Growing(entry.Failures, longest: LongestCleanUp));
        if (!challenge.IsOver && objects.Issuer(challenge.Metadata.Namespace, challenge.Spec.IssuerRef) is { } issuer
            && await accounts.OpenAsync(issuer, cancellationToken) is ({ } session, _))
        {
            // Authorizations that stay pending count against the account until the server forgets them. One try is enough.
            await session.Client.DeactivateAuthorizationAsync(session.Account, challenge.Spec.AuthorizationUrl, cancellationToken);
        }

        try
        {
            var metadata = StatusJson.Precondition(challenge.Metadata);
            metadata["finalizers"] = new JsonArray([.. challenge.Metadata.Finalizers
                .Where(finalizer => finalizer is not (ChallengeView.Finalizer or ChallengeView.OldFinalizer)).Select(finalizer => (JsonNode)finalizer)]);
            // Answered with the object as it was last, or with a Status.
            await client.PatchAsync(
                AcmeResources.AnyChallenges, challenge.Metadata.Namespace, challenge.Metadata.Name, new JsonObject { ["metadata"] = metadata },
                cancellationToken: cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        Over(key);
        return Reconciliation.Done;
    }

    private async ValueTask<string?> CleanUpAsync(ChallengeView challenge, CancellationToken cancellationToken)
    {
        options.FaultPoint?.Invoke("acme.challenge.cleanup");
        return presenters.Find(challenge.Spec.Solver).Presenter is { } presenter ? await presenter.CleanUpAsync(challenge, cancellationToken) : null;
    }

    /// <summary>Leaves the server alone for a while and tells until when; what follows this process keeps to a long while too.</summary>
    private async ValueTask<Reconciliation> RestTillAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, TimeSpan wait, string why, CancellationToken cancellationToken)
    {
        var until = time.GetUtcNow() + wait;
        var result = await RestAsync(key, challenge, entry, wait, $"{why}; {NextTry.Tell(until)}", cancellationToken);
        if (wait >= NextTry.WorthStoring && objects.Challenge(key.Namespace, key.Name) is { } told && told.Metadata.Uid == challenge.Metadata.Uid)
        {
            objects.WroteChallenge(await client.PatchAsync(
                AcmeResources.Challenges, key.Namespace, key.Name, NextTry.Patch(told.Metadata, until), cancellationToken: cancellationToken));
        }

        return result;
    }

    /// <summary>Tells why nothing happens for a while, and lets others go first.</summary>
    private async ValueTask<Reconciliation> RestAsync(
        ObjectKey key, ChallengeView challenge, Progress.Entry entry, TimeSpan wait, string why, CancellationToken cancellationToken,
        string? leftBehind = null)
    {
        entry.Failures++;
        foreach (var next in _turns.Yield(key))
            Look(next);
        var result = Rest(entry, wait);
        var reason = leftBehind is null ? why : $"{why}; what was put in place could not be removed yet: {leftBehind}";
        if (challenge.Status.Reason != reason)
            await WriteAsync(challenge, new JsonObject { ["reason"] = reason }, cancellationToken);
        return result;
    }

    private Reconciliation Rest(Progress.Entry entry, TimeSpan wait)
    {
        entry.NotBefore = time.GetUtcNow() + wait;
        return Reconciliation.After(wait);
    }

    private void Over(ObjectKey key)
    {
        _progress.Forget(key);
        foreach (var next in _turns.End(key))
            Look(next);
    }

    private async ValueTask<ChallengeView> WriteAsync(ChallengeView challenge, JsonObject status, CancellationToken cancellationToken) =>
        objects.WroteChallenge(await client.PatchAsync(
            AcmeResources.Challenges, challenge.Metadata.Namespace, challenge.Metadata.Name,
            StatusJson.Patch(challenge.Metadata, status), PatchKind.Merge, "status", cancellationToken));
}
