// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Definitions;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>What is written into the record next.</summary>
internal enum RecordMove
{
    /// <summary>Nothing.</summary>
    Stay,

    /// <summary>The same CA is to be trusted in another form (its own root is being replaced, say).</summary>
    Follow,

    /// <summary>A new CA stands in the Secret: it is made known first.</summary>
    Begin,

    /// <summary>The old CA stands there again before the new one has signed anything.</summary>
    Return,

    /// <summary>Everybody holds what the phase asks for: its overlap begins.</summary>
    Settle,

    /// <summary>From now on the new CA signs, and what the old one signed is replaced.</summary>
    Reissue,

    /// <summary>The old CA is no longer trusted.</summary>
    Withdraw,

    /// <summary>Nobody holds it any more.</summary>
    Finish,
}

/// <summary>What is to be done about a CA's replacement, why, and when to look again though nothing changes.</summary>
internal sealed record RotationDecision(RecordMove Move, string Message, DateTimeOffset? NextLook = null)
{
    /// <summary>Whether the phase ends though it is not complete, since the old CA does not last longer.</summary>
    public bool IsForced { get; private init; }

    public static RotationDecision For(RotationFacts facts) => facts.Phase switch
    {
        RotationPhase.Trust => InTrust(facts),
        RotationPhase.Reissue => InReissue(facts),
        RotationPhase.Withdraw => InWithdraw(facts),
        _ => InStable(facts),
    };

    /// <summary>
    /// Until when the new CA is waited for to be known everywhere: half of what the old one has left, so that there is time to
    /// replace what it has signed.
    /// </summary>
    public static DateTimeOffset TrustEnds(RotationFacts facts) =>
        facts.OldEnds <= facts.Since ? facts.Since : facts.Since + (facts.OldEnds - facts.Since) / 2;

    private static RotationDecision InStable(RotationFacts facts) => facts.Source switch
    {
        RotationSource.Other => new(RecordMove.Begin, "a new CA stands in the issuer's Secret"),
        RotationSource.Old when facts.SourceDiffers => new(RecordMove.Follow, "the CA is to be trusted in another form"),
        _ => new(RecordMove.Stay, "one CA signs and is trusted"),
    };

    private static RotationDecision InTrust(RotationFacts facts)
    {
        if (facts.Source == RotationSource.Old)
            return new(RecordMove.Return, "the former CA stands in the issuer's Secret again");
        if (facts.Source == RotationSource.Other)
            return new(RecordMove.Begin, "yet another CA stands in the issuer's Secret");
        if (facts.Source == RotationSource.New && facts.SourceDiffers)
            return new(RecordMove.Begin, "the new CA is to be trusted in another form");
        if (facts.Now < facts.NewBegins)
            return new(RecordMove.Stay, $"the new CA is valid from {Text(facts.NewBegins)} on", facts.NewBegins);
        if (facts.Now > facts.NewEnds)
            return new(RecordMove.Stay, $"the new CA has expired at {Text(facts.NewEnds)}: replace it");
        var end = TrustEnds(facts);
        if (facts.Now >= end)
        {
            return new(RecordMove.Reissue, facts.Lagging.Count == 0 ? "the old CA does not last longer"
                : $"the old CA does not last longer, though the new one is not yet known to {facts.Lagging}")
            { IsForced = true };
        }

        if (facts.Lagging.Count > 0)
            return new(RecordMove.Stay, $"the new CA is not yet known to {facts.Lagging}; it signs from {Text(end)} on at the latest", end);
        if (facts.Settled is not { } settled)
            return new(RecordMove.Settle, "everybody holds both CAs");
        var next = Earlier(settled + facts.Overlaps.Trust, end);
        return facts.Now >= next
            ? new(RecordMove.Reissue, "everybody has had time to load the new CA")
            : new(RecordMove.Stay, $"both CAs are trusted; the new one signs from {Text(next)} on", next);
    }

    private static RotationDecision InReissue(RotationFacts facts)
    {
        if (facts.Now > facts.OldEnds)
            return new(RecordMove.Withdraw, "the old CA has expired");
        if (facts.OfOld.Count > 0)
            return new(RecordMove.Stay, $"the new CA signs; the old one stays trusted for {facts.OfOld}", facts.OldEnds.AddSeconds(1));
        if (facts.Settled is not { } settled)
            return new(RecordMove.Settle, "nothing leads to the old CA any more");
        var next = Earlier(settled + facts.Overlaps.Withdraw, facts.OldEnds.AddSeconds(1));
        return facts.Now >= next
            ? new(RecordMove.Withdraw, "everybody has had time to load the new certificates")
            : new(RecordMove.Stay, $"all certificates are of the new CA; the old one stays trusted until {Text(next)}", next);
    }

    private static RotationDecision InWithdraw(RotationFacts facts) => facts.Lagging.Count > 0
        ? new(RecordMove.Stay, $"the old CA is taken away from {facts.Lagging}")
        : new(RecordMove.Finish, "the old CA is gone");

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    private static string Text(DateTimeOffset time) => ObjectFields.Rfc3339(time);
}
