// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Controllers.Authorities;
using Sealock.Pki.Rotation;

namespace Sealock.Tests.Controllers.Authorities;

public sealed class RotationDecisionTests
{
    private static readonly DateTimeOffset Begin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly RotationCount Some = RotationCount.Of(["ns/web-tls"]);

    private static RotationFacts In(RotationPhase phase) => new()
    {
        Phase = phase,
        Since = Begin,
        Now = Begin.AddMinutes(1),
        Source = phase == RotationPhase.Stable ? RotationSource.Old : RotationSource.New,
        OldEnds = Begin.AddDays(30),
        NewBegins = Begin.AddMinutes(-5),
        NewEnds = Begin.AddDays(90),
        Overlaps = new(TimeSpan.FromHours(2), TimeSpan.FromHours(3)),
    };

    public static TheoryData<string, int> Table => new()
    {
        { "stable", (int)RecordMove.Stay },
        { "stable, another CA", (int)RecordMove.Begin },
        { "stable, no CA", (int)RecordMove.Stay },
        { "stable, other roots", (int)RecordMove.Follow },
        { "trust, one lacks it", (int)RecordMove.Stay },
        { "trust, all have it", (int)RecordMove.Settle },
        { "trust, just settled", (int)RecordMove.Stay },
        { "trust, overlap over", (int)RecordMove.Reissue },
        { "trust, overlap over but one lacks it", (int)RecordMove.Stay },
        { "trust, one lacks it to the end", (int)RecordMove.Reissue },
        { "trust, old one is back", (int)RecordMove.Return },
        { "trust, a third one", (int)RecordMove.Begin },
        { "trust, new one is not yet valid", (int)RecordMove.Stay },
        { "trust, new one has expired", (int)RecordMove.Stay },
        { "trust, old one has expired", (int)RecordMove.Reissue },
        { "reissue, one left", (int)RecordMove.Stay },
        { "reissue, none left", (int)RecordMove.Settle },
        { "reissue, just settled", (int)RecordMove.Stay },
        { "reissue, overlap over", (int)RecordMove.Withdraw },
        { "reissue, overlap over but one is back", (int)RecordMove.Stay },
        { "reissue, old one has expired", (int)RecordMove.Withdraw },
        { "reissue, a third one", (int)RecordMove.Stay },
        { "withdraw, one holds the old one", (int)RecordMove.Stay },
        { "withdraw, nobody holds the old one", (int)RecordMove.Finish },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Every_state_leads_to_one_move(string @case, int move)
    {
        var (stable, trust, reissue, withdraw) = (In(RotationPhase.Stable), In(RotationPhase.Trust), In(RotationPhase.Reissue), In(RotationPhase.Withdraw));
        var facts = @case switch
        {
            "stable" => stable,
            "stable, another CA" => stable with { Source = RotationSource.Other },
            "stable, no CA" => stable with { Source = RotationSource.None },
            "stable, other roots" => stable with { SourceDiffers = true },
            "trust, one lacks it" => trust with { Lagging = Some },
            "trust, all have it" => trust,
            "trust, just settled" => trust with { Settled = Begin },
            "trust, overlap over" => trust with { Settled = Begin, Now = Begin.AddHours(2) },
            "trust, overlap over but one lacks it" => trust with { Settled = Begin, Now = Begin.AddHours(2), Lagging = Some },
            "trust, one lacks it to the end" => trust with { Lagging = Some, Now = Begin.AddDays(15) },
            "trust, old one is back" => trust with { Source = RotationSource.Old },
            "trust, a third one" => trust with { Source = RotationSource.Other },
            "trust, new one is not yet valid" => trust with { Settled = Begin, Now = Begin.AddHours(2), NewBegins = Begin.AddHours(3) },
            "trust, new one has expired" => trust with { Now = Begin.AddDays(15), NewEnds = Begin.AddDays(14) },
            "trust, old one has expired" => trust with { Lagging = Some, OldEnds = Begin.AddDays(-1) },
            "reissue, one left" => reissue with { OfOld = Some },
            "reissue, none left" => reissue,
            "reissue, just settled" => reissue with { Settled = Begin },
            "reissue, overlap over" => reissue with { Settled = Begin, Now = Begin.AddHours(3) },
            "reissue, overlap over but one is back" => reissue with { Settled = Begin, Now = Begin.AddHours(3), OfOld = Some },
            "reissue, old one has expired" => reissue with { OfOld = Some, OldEnds = Begin },
            "reissue, a third one" => reissue with { OfOld = Some, Source = RotationSource.Other },
            "withdraw, one holds the old one" => withdraw with { Lagging = Some },
            _ => withdraw,
        };
        Assert.Equal((RecordMove)move, RotationDecision.For(facts).Move);
    }

    [Fact]
    public void The_new_CA_never_signs_while_somebody_lacks_it_and_the_old_one_lasts() => Prop.ForAll(AnyFacts, facts =>
        RotationDecision.For(facts).Move != RecordMove.Reissue || facts.Lagging.Count == 0 || facts.Now >= RotationDecision.TrustEnds(facts)).Check(Thorough);

    [Fact]
    public void The_old_CA_never_goes_while_something_valid_leads_to_it() => Prop.ForAll(AnyFacts, facts =>
        RotationDecision.For(facts).Move != RecordMove.Withdraw || facts.OfOld.Count == 0 || facts.Now > facts.OldEnds).Check(Thorough);

    [Fact]
    public void Who_stays_with_time_in_the_way_looks_again_in_the_future() => Prop.ForAll(AnyFacts, facts =>
        RotationDecision.For(facts) is var decision && (decision.NextLook is not { } next || next > facts.Now)).Check(Thorough);

    private static Config Thorough => Config.QuickThrowOnFailure.WithMaxTest(2000);

    private static Arbitrary<RotationFacts> AnyFacts => (
        from phase in Gen.Elements(RotationPhase.Stable, RotationPhase.Trust, RotationPhase.Reissue, RotationPhase.Withdraw)
        from source in Gen.Elements(Enum.GetValues<RotationSource>())
        from differs in Gen.Elements(false, true)
        from settled in Gen.Choose(-1, 100)
        from now in Gen.Choose(0, 400)
        from oldEnds in Gen.Choose(-10, 300)
        from newBegins in Gen.Choose(-10, 50)
        from newEnds in Gen.Choose(100, 400)
        from lagging in Gen.Elements(RotationCount.None, Some)
        from ofOld in Gen.Elements(RotationCount.None, Some)
        from trust in Gen.Choose(0, 50)
        from withdraw in Gen.Choose(0, 50)
        select new RotationFacts
        {
            Phase = phase,
            Since = Begin,
            Settled = settled < 0 ? null : Begin.AddHours(settled),
            Source = source,
            SourceDiffers = differs,
            OldEnds = Begin.AddHours(oldEnds),
            NewBegins = Begin.AddHours(newBegins),
            NewEnds = Begin.AddHours(newEnds),
            Lagging = lagging,
            OfOld = ofOld,
            Overlaps = new(TimeSpan.FromHours(trust), TimeSpan.FromHours(withdraw)),
            Now = Begin.AddHours(now),
        }).ToArbitrary();
}
