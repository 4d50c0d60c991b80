// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Acme.Dns;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Acme.Solvers;

namespace Sealock.Acme.Issuance;

/// <summary>
/// The whole way from a certificate request to its certificate, for one account. Whatever happens on the way, the answers that
/// were put in place are removed. May be used concurrently, one run per request.
/// </summary>
/// <param name="client">The server.</param>
/// <param name="account">Who orders.</param>
/// <param name="solvers">What can answer challenges, most wanted first.</param>
/// <param name="resolver">Asks for CAA records; null to leave that to the CA.</param>
/// <param name="clock">The clock.</param>
/// <param name="options">Null for the defaults.</param>
public sealed class AcmeIssuance(
    AcmeClient client, AcmeAccount account, IReadOnlyList<IChallengeSolver> solvers, DnsResolver? resolver, TimeProvider clock,
    IssuanceOptions? options = null)
{
    private readonly IssuanceOptions _options = options ?? new();

    /// <summary>Orders, proves, and fetches the certificate.</summary>
    /// <param name="wanted">What is asked for.</param>
    /// <param name="cancellationToken">Ends it; answers in place are removed before this throws.</param>
    public async Task<IssuanceOutcome> RunAsync(CertificateOrder wanted, CancellationToken cancellationToken = default)
    {
        using var deadline = new CancellationTokenSource(_options.Deadline, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        var run = new OrderRun(client, account, solvers, clock, _options, clock.GetUtcNow() + _options.Deadline);
        IssuanceOutcome? outcome = null;
        IReadOnlyList<string> leftBehind;
        try
        {
            outcome = await BeforeAsync(wanted, stop.Token)
                ?? await OrderAsync(run, wanted, stop.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = new IssuanceOutcome.Failed(
                $"there is no certificate after {_options.Deadline.TotalSeconds:0} s, while waiting for {run.WaitingFor}", null, MayWorkLater: true);
        }
        finally
        {
            leftBehind = await run.CleanUpAsync(givesUp: outcome is not IssuanceOutcome.RateLimited);
        }

        return outcome is IssuanceOutcome.Issued issued ? issued with { LeftBehind = leftBehind } : outcome;
    }

    /// <summary>What cannot work is told before anything is ordered; null where nothing speaks against it.</summary>
    private async Task<IssuanceOutcome?> BeforeAsync(CertificateOrder wanted, CancellationToken stop)
    {
        var directory = await client.GetDirectoryAsync(stop);
        if (!directory.IsOk)
            return OutcomeOf(directory.Failure);
        var types = solvers.Select(solver => solver.Type).Distinct().ToList();
        if (Preflight.Refuse(wanted.Order, directory.Value, types) is { } refusal)
            return new IssuanceOutcome.Failed(refusal, null, MayWorkLater: false);
        if (resolver is null || !_options.CheckCaa)
            return null;
        var subject = new CaaSubject { Issuers = directory.Value.Meta.CaaIdentities, AccountUrl = account.Url, Methods = types };
        return await Preflight.RefuseByCaaAsync(new(resolver), wanted.Order, subject, _options, stop) is { } forbidden
            ? new IssuanceOutcome.Failed(forbidden, null, MayWorkLater: false)
            : null;
    }

    private async Task<IssuanceOutcome> OrderAsync(OrderRun run, CertificateOrder wanted, CancellationToken stop)
    {
        if (await KnownAsync(run, wanted, stop) is { } known)
            return known;
        var outcome = await OnceAsync(run, wanted, stop);
        // A server that lost its memory (a restart, a restored backup) takes a new order.
        return outcome is IssuanceOutcome.Failed { Failure.IsNotFound: true } && run.IsOrderOver
            ? await OnceAsync(run, wanted, stop)
            : outcome;
    }

    /// <summary>Goes on with an order that was left behind; null where there is none that can still be fulfilled.</summary>
    private async Task<IssuanceOutcome?> KnownAsync(OrderRun run, CertificateOrder wanted, CancellationToken stop)
    {
        if (wanted.KnownOrder is not { } url)
            return null;
        var order = await run.PatientlyAsync(() => client.GetOrderAsync(account, url, stop), stop);
        if (!order.IsOk)
            return order.Failure.Kind == AcmeFailureKind.RateLimited ? OutcomeOf(order.Failure) : null;
        if (order.Value.Status is not (AcmeStatus.Pending or AcmeStatus.Ready or AcmeStatus.Processing or AcmeStatus.Valid)
            || !order.Value.Identifiers.ToHashSet().SetEquals(wanted.Order.Identifiers))
            return null;
        _options.Progress($"going on with order {url}");
        var outcome = await run.FulfilAsync(order.Value, wanted, stop);
        // One that is over, or was fulfilled for another key, is no reason not to order again.
        return run.IsOrderOver ? null : outcome;
    }

    private async Task<IssuanceOutcome> OnceAsync(OrderRun run, CertificateOrder wanted, CancellationToken stop)
    {
        var made = await run.PatientlyAsync(() => client.NewOrderAsync(account, wanted.Order, stop), stop);
        if (made is { IsOk: false, Failure.Kind: AcmeFailureKind.Refused } && wanted.Order.Replaces is not null && IsAboutReplacement(made.Failure))
        {
            // The certificate was replaced by another order, or is unknown to this server or account: it is no reason to fail.
            _options.Progress($"{made.Failure.Message}; it is ordered as a new one");
            made = await run.PatientlyAsync(() => client.NewOrderAsync(account, wanted.Order with { Replaces = null }, stop), stop);
        }

        if (!made.IsOk)
            return OutcomeOf(made.Failure);
        wanted.Ordered(made.Value.Url);
        _options.Progress($"order {made.Value.Url}");
        return await run.FulfilAsync(made.Value, wanted, stop);
    }

    private static bool IsAboutReplacement(AcmeFailure failure) => failure.Is(ProblemKinds.AlreadyReplaced)
        || (failure.Status is 400 or 404 or 409 && !failure.Is(ProblemKinds.AccountDoesNotExist) && !failure.Is(ProblemKinds.RejectedIdentifier));

    internal static IssuanceOutcome OutcomeOf(AcmeFailure failure) => failure.Kind == AcmeFailureKind.RateLimited
        ? new IssuanceOutcome.RateLimited(failure.Message, failure.RetryAt)
        : new IssuanceOutcome.Failed(Remedies.Tell(failure.Message, failure.Problem), failure, failure.IsTransient);
}
