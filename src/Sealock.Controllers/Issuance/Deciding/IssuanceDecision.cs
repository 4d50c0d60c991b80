// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Acme.Orders;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>What is to be done next.</summary>
internal enum IssuanceStep
{
    /// <summary>Nothing: what stands is what is wanted.</summary>
    Keep,

    /// <summary>Issue a new certificate.</summary>
    Issue,

    /// <summary>Write the certificate that was issued into the Secret again: its key is still there.</summary>
    Restore,

    /// <summary>Try again later.</summary>
    Wait,

    /// <summary>It cannot be issued as it is specified.</summary>
    Refuse,
}

/// <summary>What is to be done about a Certificate that is not being issued, and why; and what its status is to say.</summary>
internal sealed record IssuanceDecision
{
    public required IssuanceStep Step { get; init; }

    /// <summary>Why a new certificate is needed, also where it has to wait; null where none is.</summary>
    public Violation? Cause { get; init; }

    /// <summary>Why the Certificate is not ready; null where it is.</summary>
    public Violation? NotReady { get; init; }

    public required RenewalPlan Renewal { get; init; }

    /// <summary>When to try again.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>When a look is needed though nothing changes; null: never.</summary>
    public DateTimeOffset? NextLook { get; init; }

    public static IssuanceDecision For(CertificateState state)
    {
        var decision = new IssuanceDecision
        {
            Step = IssuanceStep.Keep,
            Cause = Checks.First(state, CheckUse.Issue),
            NotReady = Checks.First(state, CheckUse.Ready),
            Renewal = RenewalTime.Plan(state),
        };
        decision = decision with { NextLook = Earliest(state.Now, decision.Renewal.Time, state.Secret?.Leaf?.NotAfter.AddSeconds(1)) };
        if (decision.Cause is null)
            return decision;
        if (state.SpecProblem is not null || state.Rival.Length > 0)
            return decision with { Step = IssuanceStep.Refuse };
        if (CanRestore(state))
            return decision with { Step = IssuanceStep.Restore };
        if (Later(RetryTime(state), PauseAfterSame(state, decision.Cause)) is { } retry && retry > state.Now)
        {
            return decision with
            {
                Step = IssuanceStep.Wait,
                RetryAt = retry,
                NextLook = Earliest(state.Now, decision.NextLook, retry),
            };
        }

        return decision with { Step = IssuanceStep.Issue };
    }

    /// <summary>
    /// The last net: what has just been issued for the same reason and the same specification did not help, and issuing again at
    /// once would not either. A Secret that was deleted or emptied is no such case, nor is time.
    /// </summary>
    private static DateTimeOffset? PauseAfterSame(CertificateState state, Violation cause)
    {
        if (cause.Reason is Reasons.DoesNotExist or Reasons.MissingData or Reasons.Renewing or Reasons.Expired or Reasons.Revoked
            || state.Current is not { IssuedAt: { } issued, Cause: { Length: > 0 } before } current
            || !before.StartsWith($"{cause.Reason}:", StringComparison.Ordinal)
            || current.Metadata.Annotations.GetValueOrDefault(WellKnown.Generation) != state.Certificate.Metadata.Generation.ToString(CultureInfo.InvariantCulture))
            return null;
        var hundredth = state.Secret?.Leaf is { } leaf && leaf.NotAfter > issued ? (leaf.NotAfter - issued) / 100 : TimeSpan.Zero;
        return issued + TimeSpan.FromTicks(Math.Clamp(hundredth.Ticks, RetryBudget.First.Ticks, TimeSpan.TicksPerHour));
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => other is null || one > other ? one : other;

    /// <summary>
    /// When to try again after the failure that the status tells of; null where there was none, or where the specification has
    /// been changed since.
    /// </summary>
    public static DateTimeOffset? RetryTime(CertificateState state)
    {
        var status = state.Certificate.Status;
        if (status is not { LastFailureTime: { } failed, FailedIssuanceAttempts: { } attempts and > 0 })
            return null;
        if (state.Certificate.Condition(Conditions.Issuing) is { ObservedGeneration: { } generation }
            && generation != state.Certificate.Metadata.Generation)
            return null;
        return RetryBudget.RetryAt(
            failed, attempts, state.Secret?.Leaf?.NotAfter, state.Next?.RetryNotBefore,
            RenewalTime.Spread($"{state.Certificate.Metadata.Uid}/{attempts}"));
    }

    /// <summary>Whether the Secret still has the key of the revision that stands, so that its certificate can be written again.</summary>
    private static bool CanRestore(CertificateState state) =>
        state is { Secret: { } secret, Current: { IsIssued: true, Asked: { } asked } current }
        && !secret.Key.IsNone && secret.Key == asked.Key && secret.Leaf?.Certificate != current.IssuedLeaf
        && state.DifferencesOf(current).Count == 0
        && SecretChecks.KeyIsReplaceable(state) is null && SecretChecks.IssuedByAnother(state) is null
        && SecretChecks.BelongsToAnother(state) is null;

    private static DateTimeOffset? Earliest(DateTimeOffset now, params ReadOnlySpan<DateTimeOffset?> times)
    {
        DateTimeOffset? earliest = null;
        foreach (var time in times)
        {
            if (time > now && (earliest is null || time < earliest))
                earliest = time;
        }

        return earliest;
    }

    /// <summary>The same in words, for events and for people.</summary>
    public override string ToString() => Step switch
    {
        IssuanceStep.Issue => $"issue: {Cause?.Message}",
        IssuanceStep.Restore => $"restore: {Cause?.Message}",
        IssuanceStep.Wait => $"try again at {ObjectFields.Rfc3339(RetryAt ?? default)}: {Cause?.Message}",
        IssuanceStep.Refuse => $"refuse: {NotReady?.Message}",
        _ => "keep",
    };
}
