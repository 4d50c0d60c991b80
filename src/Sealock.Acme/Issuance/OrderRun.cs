// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Acme.Solvers;

namespace Sealock.Acme.Issuance;

/// <summary>One order on its way: what was answered, what is to be removed, what it waits for.</summary>
internal sealed class OrderRun(
    AcmeClient client, AcmeAccount account, IReadOnlyList<IChallengeSolver> solvers, TimeProvider clock, IssuanceOptions options,
    DateTimeOffset deadline)
{
    private static readonly TimeSpan CleanUpLimit = TimeSpan.FromSeconds(60);

    private readonly Lock _gate = new();
    private readonly List<(IChallengeSolver Solver, ChallengeTask Task)> _presented = [];
    private readonly HashSet<string> _told = [];
    private readonly HashSet<string> _open = [];

    /// <summary>What the run waits for, in plain words.</summary>
    public string WaitingFor { get; private set; } = "the server";

    /// <summary>Whether nothing will come of the order that was worked on last: it failed, is forgotten, or is for another key.</summary>
    public bool IsOrderOver { get; private set; }

    /// <summary>Takes one step after another until there is a certificate, or there will be none.</summary>
    public async Task<IssuanceOutcome> FulfilAsync(AcmeOrder order, CertificateOrder wanted, CancellationToken stop)
    {
        IsOrderOver = false;
        var authorizations = new Dictionary<string, AcmeAuthorization>();
        var poll = options.FirstPoll;
        DateTimeOffset? askAgainAt = null;
        while (true)
        {
            switch (OrderStep.Decide(order, [.. authorizations.Values], _told))
            {
                case OrderStep.ReadAuthorizations:
                    if (await ReadAsync(order, authorizations, stop) is (_, { } unread))
                        return unread;
                    continue;
                case OrderStep.Answer { Pending: var pending }:
                    if (await AnswerAsync(pending, stop) is { } unanswered)
                        return unanswered;
                    poll = options.FirstPoll;
                    break;
                case OrderStep.Finalize:
                    WaitingFor = "the certificate";
                    var current = order;
                    var finalized = await PatientlyAsync(() => client.FinalizeAsync(account, current, wanted.Request.Der, stop), stop);
                    if (finalized.IsOk)
                    {
                        (order, askAgainAt, poll) = (finalized.Value, finalized.AskAgainAt, options.FirstPoll);
                        continue;
                    }

                    if (!finalized.Failure.Is(ProblemKinds.OrderNotReady))
                        return AcmeIssuance.OutcomeOf(finalized.Failure);
                    break;
                case OrderStep.Download { Url: var url }:
                    return await DownloadAsync(order, url, wanted, stop);
                case OrderStep.GiveUp over:
                    IsOrderOver = true;
                    return new IssuanceOutcome.Failed(Remedies.Tell(over.Reason, over.Problem, over.Challenge?.Type), Failure: null, MayWorkLater: true);
                case OrderStep.Wait { For: var what }:
                    WaitingFor = what;
                    break;
            }

            poll = await WaitAsync(askAgainAt, poll, stop);
            var asked = await PatientlyAsync(() => client.GetOrderAsync(account, order.Url, stop), stop);
            if (!asked.IsOk)
            {
                IsOrderOver = asked.Failure.IsNotFound;
                return AcmeIssuance.OutcomeOf(asked.Failure);
            }

            (order, askAgainAt) = (asked.Value, asked.AskAgainAt);
            if (order.Status is not (AcmeStatus.Pending or AcmeStatus.Invalid))
            {
                // All is proven.
                _open.Clear();
                continue;
            }

            var (latest, fault) = await ReadAsync(order, authorizations, stop);
            if (fault is not null)
                return fault;
            askAgainAt = latest > askAgainAt ? latest : askAgainAt ?? latest;
        }
    }

    /// <summary>
    /// Makes a call again while the server cannot be reached or asks for patience, as long as that ends before the deadline.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="mayRepeat">Whether it does no harm to make it again where nobody knows what became of it.</param>
    public async Task<AcmeResult<T>> PatientlyAsync<T>(Func<Task<AcmeResult<T>>> call, CancellationToken stop, bool mayRepeat = true)
        where T : class
    {
        var wait = options.FirstPoll;
        while (true)
        {
            var result = await call();
            if (result.IsOk || !result.Failure.IsTransient || (!mayRepeat && result.Failure.Kind != AcmeFailureKind.RateLimited))
                return result;
            var now = clock.GetUtcNow();
            // Without word of when, a limited server is left alone.
            if (result.Failure is { Kind: AcmeFailureKind.RateLimited, RetryAt: null } || result.Failure.RetryAt >= deadline || now + wait >= deadline)
                return result;
            wait = await WaitAsync(result.Failure.RetryAt, wait, stop);
        }
    }

    /// <summary>Removes every answer, whatever became of the order; never throws for it.</summary>
    /// <param name="givesUp">Whether what is open is given up, so that it does not count against the account; else the order can be gone on with.</param>
    /// <returns>What could not be removed, one line each.</returns>
    public async Task<IReadOnlyList<string>> CleanUpAsync(bool givesUp)
    {
        using var limit = new CancellationTokenSource(CleanUpLimit, clock);
        var leftBehind = new List<string>();
        await Task.WhenAll(
        [
            .. _presented.Select(async presented =>
            {
                try
                {
                    if (await presented.Solver.CleanUpAsync(presented.Task, limit.Token) is { } problem)
                        Told(problem);
                }
                catch (OperationCanceledException)
                {
                    Told($"the answer for {presented.Task.Authorization.DisplayName} could not be removed within {CleanUpLimit.TotalSeconds:0} s");
                }
            }),
            // Authorizations that stay pending count against the account until the server forgets them.
            .. (givesUp ? _open : []).Select(async url =>
            {
                try
                {
                    await client.DeactivateAuthorizationAsync(account, url, limit.Token);
                }
                catch (OperationCanceledException)
                {
                    // The server forgets it by itself.
                }
            }),
        ]);
        return leftBehind;

        void Told(string problem)
        {
            lock (leftBehind)
                leftBehind.Add(problem);
            options.Progress(problem);
        }
    }

    private async Task<(DateTimeOffset? AskAgainAt, IssuanceOutcome? Fault)> ReadAsync(
        AcmeOrder order, Dictionary<string, AcmeAuthorization> authorizations, CancellationToken stop)
    {
        IssuanceOutcome? fault = null;
        DateTimeOffset? latest = null;
        var wanted = order.Authorizations.Where(url => !authorizations.TryGetValue(url, out var known) || known.Status == AcmeStatus.Pending);
        await Parallel.ForEachAsync(
            [.. wanted], new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = stop },
            async (url, cancel) =>
            {
                var read = await PatientlyAsync(() => client.GetAuthorizationAsync(account, url, cancel), cancel);
                lock (_gate)
                {
                    if (!read.IsOk)
                    {
                        IsOrderOver |= read.Failure.IsNotFound;
                        fault = AcmeIssuance.OutcomeOf(read.Failure);
                        return;
                    }

                    authorizations[url] = read.Value;
                    latest = read.AskAgainAt > latest ? read.AskAgainAt : latest ?? read.AskAgainAt;
                    if (read.Value.Status == AcmeStatus.Pending)
                        _open.Add(url);
                    else
                        _open.Remove(url);
                }
            });
        return (latest, fault);
    }

    private async Task<IssuanceOutcome?> AnswerAsync(IReadOnlyList<AcmeAuthorization> pending, CancellationToken stop)
    {
        IssuanceOutcome? fault = null;
        WaitingFor = $"the answers for {string.Join(", ", pending.Select(authorization => authorization.DisplayName))}";
        await Parallel.ForEachAsync(
            pending, new ParallelOptions { MaxDegreeOfParallelism = options.Parallel, CancellationToken = stop },
            async (authorization, cancel) =>
            {
                if (await AnswerAsync(authorization, cancel) is { } failed)
                {
                    lock (_gate)
                        fault ??= failed;
                }
            });
        return fault;
    }

    private async Task<IssuanceOutcome?> AnswerAsync(AcmeAuthorization authorization, CancellationToken stop)
    {
        var choice = ChallengeChoice.Pick(authorization, [.. solvers.Select(solver => solver.Type)]);
        if (!choice.IsPossible)
            return new IssuanceOutcome.Failed(choice.Reason, null, MayWorkLater: false);
        var solver = solvers.First(solver => solver.Type == choice.Challenge.Type);
        var task = new ChallengeTask(account.Key, authorization, choice.Challenge);
        lock (_gate)
            _presented.Add((solver, task));
        if (await solver.PresentAsync(task, stop) is { } problem)
            return new IssuanceOutcome.Failed($"{authorization.DisplayName}: {problem} ({solver.Type})", null, MayWorkLater: true);
        options.Progress($"{authorization.DisplayName}: answered by {solver.Type}");
        var told = await PatientlyAsync(() => client.RespondAsync(account, choice.Challenge.Url, stop), stop, mayRepeat: false);
        if (!told.IsOk && told.Failure.Kind == AcmeFailureKind.RateLimited)
            return AcmeIssuance.OutcomeOf(told.Failure);
        lock (_gate)
        {
            // Where it is not known whether the server heard it, the authorization will tell: it stays to be answered then.
            if (told.IsOk || !told.Failure.IsTransient)
                _told.Add(authorization.Url);
        }

        return told.IsOk || told.Failure.IsTransient || told.Failure.Is(ProblemKinds.Malformed) ? null : AcmeIssuance.OutcomeOf(told.Failure);
    }

    private async Task<IssuanceOutcome> DownloadAsync(AcmeOrder order, string url, CertificateOrder wanted, CancellationToken stop)
    {
        var chain = await PatientlyAsync(() => client.DownloadAsync(account, url, wanted.PreferredChain, stop), stop);
        if (!chain.IsOk)
            return AcmeIssuance.OutcomeOf(chain.Failure);
        IsOrderOver = !chain.Value.Leaf.PublicKey.Equals(wanted.Request.PublicKey);
        return !IsOrderOver
            ? new IssuanceOutcome.Issued(chain.Value, order.Url, [])
            : new IssuanceOutcome.Failed($"the certificate of {order.Url} is for another key than was asked for", null, MayWorkLater: true);
    }

    /// <summary>Waits as long as the server wants, else for a time that doubles; answers the next such time.</summary>
    private async Task<TimeSpan> WaitAsync(DateTimeOffset? askAgainAt, TimeSpan poll, CancellationToken stop)
    {
        var now = clock.GetUtcNow();
        var wait = askAgainAt is { } at ? at - now : poll;
        await Task.Delay(wait > options.FirstPoll ? wait : options.FirstPoll, clock, stop);
        return poll * 2 < options.LongestPoll ? poll * 2 : options.LongestPoll;
    }
}
