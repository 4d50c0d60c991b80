// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Gateway.Limits;
using Sealock.Tests.Support;

namespace Sealock.Tests.Limits;

public class ShareTableTests
{
    private static readonly RequestShare TwoAtATime = new() { Reading = 2, Mutating = 1, Streams = 1 };

    [Fact]
    public void Reading_writing_and_streams_are_counted_apart_and_users_too()
    {
        var table = new ShareTable<string>(100, new FakeTimeProvider());
        var first = table.Enter("ann", TwoAtATime, RequestKind.Reading);
        Assert.Equal(ShareRefusal.None, first.Refusal);
        Assert.Equal(ShareRefusal.None, table.Enter("ann", TwoAtATime, RequestKind.Reading).Refusal);
        Assert.Equal(ShareRefusal.InFlight, table.Enter("ann", TwoAtATime, RequestKind.Reading).Refusal);
        Assert.Equal(ShareRefusal.None, table.Enter("ann", TwoAtATime, RequestKind.Mutating).Refusal);
        Assert.Equal(ShareRefusal.InFlight, table.Enter("ann", TwoAtATime, RequestKind.Mutating).Refusal);
        Assert.Equal(ShareRefusal.None, table.Enter("ann", TwoAtATime, RequestKind.Stream).Refusal);
        Assert.Equal(ShareRefusal.None, table.Enter("bob", TwoAtATime, RequestKind.Reading).Refusal);
        first.Seat.Leave();
        Assert.Equal(ShareRefusal.None, table.Enter("ann", TwoAtATime, RequestKind.Reading).Refusal);
    }

    [Fact]
    public void Who_is_over_the_rate_is_told_when_to_come_again()
    {
        var clock = new FakeTimeProvider();
        var table = new ShareTable<string>(100, clock);
        var share = new RequestShare { PerSecond = 10, Burst = 5 };
        for (var i = 0; i < 5; i++)
            table.Enter("ann", share, RequestKind.Reading).Seat.Leave();
        var verdict = table.Enter("ann", share, RequestKind.Mutating);
        Assert.Equal((ShareRefusal.Rate, TimeSpan.FromMilliseconds(100)), (verdict.Refusal, verdict.Wait));
        Assert.Equal(ShareRefusal.None, table.Enter("bob", share, RequestKind.Reading).Refusal);
        clock.Advance(verdict.Wait + TimeSpan.FromTicks(1));
        Assert.Equal(ShareRefusal.None, table.Enter("ann", share, RequestKind.Reading).Refusal);
    }

    [Fact]
    public void It_is_bounded_and_forgets_those_that_were_quiet_longest()
    {
        var table = new ShareTable<int>(16, new FakeTimeProvider());
        for (var key = 0; key < 100_000; key++)
            table.Enter(key, TwoAtATime, RequestKind.Reading).Seat.Leave();
        Assert.InRange(table.Count, 1, 16);
    }

    [Fact]
    public void Nobody_that_has_something_in_use_is_forgotten()
    {
        var table = new ShareTable<int>(16, new FakeTimeProvider());
        var held = Enumerable.Range(0, 1000).Select(key => table.Enter(key, TwoAtATime, RequestKind.Mutating)).ToList();
        for (var key = 1000; key < 10_000; key++)
            table.Enter(key, TwoAtATime, RequestKind.Reading).Seat.Leave();
        Assert.All(Enumerable.Range(0, 1000), key => Assert.Equal(ShareRefusal.InFlight, table.Enter(key, TwoAtATime, RequestKind.Mutating).Refusal));
        foreach (var one in held)
            one.Seat.Leave();
        Assert.InRange(table.Count, 1, 16);
    }

    [Fact]
    public void Whatever_comes_and_goes_the_counts_are_those_of_who_is_there() => Prop.ForAll(
        Gen.Choose(0, 999).ArrayOf(200).ToArbitrary(),
        moves =>
        {
            var table = new ShareTable<int>(16, new FakeTimeProvider());
            var inside = new List<(int Key, Seat Seat)>();
            foreach (var move in moves)
            {
                if (move % 3 == 0 && inside.Count > 0)
                {
                    inside[move % inside.Count].Seat.Leave();
                    inside.RemoveAt(move % inside.Count);
                    continue;
                }

                var (key, kind) = (move % 40, (RequestKind)(move % 2));
                var verdict = table.Enter(key, TwoAtATime, kind);
                var there = inside.Count(one => one.Key == key && one.Seat.Kind == kind);
                if (verdict.Refusal == ShareRefusal.None != there < TwoAtATime.Of(kind))
                    return false;
                if (verdict.Refusal == ShareRefusal.None)
                    inside.Add((key, verdict.Seat));
            }

            foreach (var (_, seat) in inside)
                seat.Leave();
            return table.Count <= 16;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(200));
}
