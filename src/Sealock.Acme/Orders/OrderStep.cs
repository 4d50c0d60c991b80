// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;

namespace Sealock.Acme.Orders;

/// <summary>What to do next for an order: decided from nothing but what the server says about it.</summary>
public abstract record OrderStep
{
    private OrderStep()
    {
    }

    /// <summary>Read the authorizations: they are not known yet.</summary>
    public sealed record ReadAuthorizations : OrderStep;

    /// <summary>Put the answers of these authorizations in place, and tell the server.</summary>
    /// <param name="Pending">Those that nobody answered yet.</param>
    public sealed record Answer(IReadOnlyList<AcmeAuthorization> Pending) : OrderStep;

    /// <summary>Ask again later.</summary>
    /// <param name="For">What the server is busy with, in plain words.</param>
    public sealed record Wait(string For) : OrderStep;

    /// <summary>Hand in the certificate request.</summary>
    public sealed record Finalize : OrderStep;

    /// <summary>Fetch the certificate.</summary>
    /// <param name="Url">From there.</param>
    public sealed record Download(string Url) : OrderStep;

    /// <summary>The order will never be fulfilled; another may.</summary>
    /// <param name="Reason">Why, in one line, with the names that failed and the server's words.</param>
    /// <param name="Problem">The server's problem, of the first failed challenge or of the order; null where it gave none.</param>
    /// <param name="Challenge">The challenge that failed; null where it was something else.</param>
    public sealed record GiveUp(string Reason, AcmeProblem? Problem, AcmeChallenge? Challenge) : OrderStep;

    /// <summary>Decides.</summary>
    /// <param name="order">The order as it was read last.</param>
    /// <param name="authorizations">Those of its authorizations that were read, in any order.</param>
    /// <param name="told">
    /// The URLs of authorizations of which the server was told already: until it has looked, some servers keep them pending.
    /// </param>
    public static OrderStep Decide(AcmeOrder order, IReadOnlyList<AcmeAuthorization> authorizations, IReadOnlySet<string> told)
    {
        switch (order.Status)
        {
            case AcmeStatus.Valid:
                return order.Certificate.Length > 0 ? new Download(order.Certificate) : new Wait("the certificate");
            case AcmeStatus.Ready:
                return new Finalize();
            case AcmeStatus.Processing:
                return new Wait("the certificate");
            case AcmeStatus.Invalid or AcmeStatus.Deactivated or AcmeStatus.Expired or AcmeStatus.Revoked:
                return Failed(order, authorizations);
            case AcmeStatus.Pending:
                break;
            default:
                return new Wait($"an order in the state '{order.Status}'");
        }

        var known = authorizations.Select(authorization => authorization.Url).ToHashSet();
        if (!order.Authorizations.All(known.Contains))
            return new ReadAuthorizations();
        if (authorizations.Any(IsOver))
            return Failed(order, authorizations);
        var open = authorizations.Where(authorization => authorization.Status != AcmeStatus.Valid).ToList();
        var unanswered = open.Where(authorization => !told.Contains(authorization.Url) && !IsUnderWay(authorization)).ToList();
        return unanswered.Count > 0 ? new Answer(unanswered)
            : open.Count > 0 ? new Wait($"the validation of {string.Join(", ", open.Select(authorization => authorization.DisplayName))}")
            : new Wait("the order to become ready");
    }

    private static bool IsOver(AcmeAuthorization authorization) =>
        authorization.Status is AcmeStatus.Invalid or AcmeStatus.Expired or AcmeStatus.Revoked or AcmeStatus.Deactivated;

    private static bool IsUnderWay(AcmeAuthorization authorization) =>
        authorization.Status != AcmeStatus.Pending
        || authorization.Challenges.Any(challenge => challenge.Status is AcmeStatus.Processing or AcmeStatus.Valid);

    private static GiveUp Failed(AcmeOrder order, IReadOnlyList<AcmeAuthorization> authorizations)
    {
        var failed = authorizations.Where(IsOver).ToList();
        var reasons = failed.Select(authorization => FailedChallenge(authorization) is { } challenge
            ? $"{authorization.DisplayName}: {challenge.Error} ({challenge.Type})"
            : $"{authorization.DisplayName}: its authorization is {authorization.Status}").ToList();
        var first = failed.Select(FailedChallenge).FirstOrDefault(challenge => challenge is not null);
        var reason = reasons.Count > 0 ? string.Join("; ", reasons)
            : order.Error?.ToString() ?? $"the order is {order.Status}, and the server does not say why";
        return new(reason, first?.Error ?? order.Error, first);
    }

    private static AcmeChallenge? FailedChallenge(AcmeAuthorization authorization) =>
        authorization.Challenges.FirstOrDefault(challenge => challenge.Error is not null);
}
