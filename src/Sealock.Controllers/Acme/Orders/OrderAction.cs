// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Messages;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Orders;

/// <summary>What is to be done next for an Order: decided from nothing but what is stored. Pure.</summary>
internal abstract record OrderAction
{
    /// <summary>It is over: its Challenges are taken away.</summary>
    public sealed record TidyUp : OrderAction;

    /// <summary>Write down that an order is about to be made: whoever finds that and no URL looks for one that was lost.</summary>
    public sealed record Announce : OrderAction;

    /// <summary>Make the order at the server, or find the one that was made.</summary>
    public sealed record Begin : OrderAction;

    /// <summary>Read what has to be shown.</summary>
    public sealed record ReadAuthorizations(IReadOnlyList<string> Urls) : OrderAction;

    /// <summary>Make the Challenges of these authorizations.</summary>
    public sealed record MakeChallenges(IReadOnlyList<OrderAuthorizationView> Authorizations) : OrderAction;

    /// <summary>Challenges are under way: one of them changes before there is anything to do.</summary>
    /// <param name="For">What is waited for.</param>
    /// <param name="Delay">Why the server is left alone for a while, and until when; empty where it is not.</param>
    public sealed record Wait(string For, string Delay) : OrderAction;

    /// <summary>There will be no certificate.</summary>
    public sealed record Fail(string State, string Reason) : OrderAction;

    /// <summary>All is shown: ask the server how the order stands.</summary>
    public sealed record Settle : OrderAction;

    /// <param name="order">As it is stored.</param>
    /// <param name="challenge">The Challenge of an authorization, by the authorization's URL; null where there is none.</param>
    public static OrderAction Decide(OrderView order, Func<string, ChallengeView?> challenge)
    {
        if (order.IsOver)
            return new TidyUp();
        var status = order.Status;
        if (status.Url.Length == 0)
            return status.State.Length == 0 ? new Announce() : new Begin();
        var unread = status.Authorizations.Where(authorization => !authorization.IsKnown).Select(authorization => authorization.Url).ToList();
        if (unread.Count > 0)
            return new ReadAuthorizations(unread);
        if (status.Authorizations.Where(IsLost).ToList() is { Count: > 0 } lost)
        {
            var states = string.Join("; ", lost.Select(authorization => $"{authorization.DisplayName}: its authorization is {authorization.InitialState}"));
            return new Fail(lost.All(authorization => authorization.InitialState == OrderStates.Expired) ? OrderStates.Expired : OrderStates.Invalid, states);
        }

        var toShow = status.Authorizations.Where(authorization => authorization.InitialState != OrderStates.Valid).ToList();
        var challenges = toShow.Select(authorization => (Authorization: authorization, Challenge: challenge(authorization.Url))).ToList();
        if (challenges.Where(pair => pair.Challenge is { HasFailed: true }).Select(pair => pair.Challenge!).ToList() is { Count: > 0 } failed)
            return Failed(failed);
        var missing = challenges.Where(pair => pair.Challenge is null).Select(pair => pair.Authorization).ToList();
        if (missing.Count > 0)
            return new MakeChallenges(missing);
        var open = challenges.Where(pair => !pair.Challenge!.IsOver).ToList();
        if (open.Count == 0)
            return new Settle();
        var delayed = open.FirstOrDefault(pair => pair.Challenge!.Status.Reason.Contains(NextTry.Mark, StringComparison.Ordinal));
        return new Wait(
            $"the validation of {Listed([.. open.Select(pair => pair.Authorization.DisplayName)])}",
            delayed.Challenge is { } late ? $"{late.DisplayName}: {late.Status.Reason}" : "");
    }

    /// <summary>What to make of the server's word on an order of which all is shown.</summary>
    public static Settlement Settled(AcmeOrder order) => order.Status switch
    {
        AcmeStatus.Ready => Settlement.Finalize,
        AcmeStatus.Valid when order.Certificate.Length > 0 => Settlement.Download,
        AcmeStatus.Invalid or AcmeStatus.Deactivated or AcmeStatus.Revoked => Settlement.Failed,
        AcmeStatus.Expired => Settlement.Lost,
        _ => Settlement.AskAgain,
    };

    private static Fail Failed(List<ChallengeView> failed)
    {
        var state = failed.Any(challenge => challenge.Status.State == OrderStates.Invalid) ? OrderStates.Invalid
            : failed.Any(challenge => challenge.Status.State == OrderStates.Errored) ? OrderStates.Errored
            : OrderStates.Expired;
        return new(state, string.Join("; ", failed.Take(10).Select(challenge => challenge.Status.Reason.Length > 0
            ? $"{challenge.DisplayName}: {challenge.Status.Reason} ({challenge.Spec.Type})"
            : $"{challenge.DisplayName}: its {challenge.Spec.Type} challenge is {challenge.Status.State}")));
    }

    private static bool IsLost(OrderAuthorizationView authorization) =>
        authorization.InitialState is OrderStates.Invalid or OrderStates.Expired or OrderStates.Errored;

    private static string Listed(List<string> names) =>
        names.Count <= 5 ? string.Join(", ", names) : $"{string.Join(", ", names.Take(5))} and {names.Count - 5} more";
}

/// <summary>What follows from the state of an order at its server.</summary>
internal enum Settlement
{
    /// <summary>It is at work.</summary>
    AskAgain,

    /// <summary>It waits for the certificate request.</summary>
    Finalize,

    /// <summary>The certificate is there.</summary>
    Download,

    /// <summary>It failed.</summary>
    Failed,

    /// <summary>It is too old: another may do better.</summary>
    Lost,
}
