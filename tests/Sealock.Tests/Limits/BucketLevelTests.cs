// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Gateway.Limits;
using Sealock.Tests.Support;

namespace Sealock.Tests.Limits;

public class BucketLevelTests
{
    [Fact]
    public void It_gives_a_burst_and_then_the_rate()
    {
        var clock = new FakeTimeProvider();
        var bucket = new BucketLevel();
        TimeSpan Take() => bucket.Take(clock, new Rate(2, 3));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, Take()));
        Assert.Equal(TimeSpan.FromSeconds(0.5), Take());
        clock.Advance(TimeSpan.FromSeconds(0.4));
        Assert.Equal(0.1, Take().TotalSeconds, precision: 6);
        clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(TimeSpan.Zero, Take());
        clock.Advance(TimeSpan.FromHours(1));
        Assert.All(Enumerable.Range(0, 3), _ => Assert.Equal(TimeSpan.Zero, Take()));
        Assert.NotEqual(TimeSpan.Zero, Take());
    }

    [Fact]
    public void Narrower_limits_hold_at_once()
    {
        var clock = new FakeTimeProvider();
        var bucket = new BucketLevel();
        for (var i = 0; i < 100; i++)
            bucket.Take(clock, new Rate(100, 100));
        Assert.Equal(TimeSpan.FromSeconds(1), bucket.Take(clock, new Rate(1, 1)));
    }

    [Fact]
    public void What_is_missing_by_less_than_a_clock_can_tell_is_missing()
    {
        var clock = new FakeTimeProvider();
        var bucket = new BucketLevel();
        var given = 0;
        // Their sum is the half second that a token takes; summed up as fractions they are not quite.
        foreach (var pause in (int[])[0, 86, 407, 7, 0])
        {
            clock.Advance(TimeSpan.FromMilliseconds(pause));
            if (bucket.Take(clock, new Rate(2, 1)) == TimeSpan.Zero)
                given++;
        }

        Assert.InRange(given, 1, 2);
    }

    [Fact]
    public void In_no_time_does_it_give_more_than_burst_and_rate() => Prop.ForAll(
        Gen.Choose(0, 400).ListOf().ToArbitrary(),
        Gen.Choose(1, 20).ToArbitrary(),
        Gen.Choose(1, 50).ToArbitrary(),
        (pauses, burst, perSecond) =>
        {
            var clock = new FakeTimeProvider();
            var bucket = new BucketLevel();
            var given = new List<double>();
            var now = 0.0;
            foreach (var pause in pauses)
            {
                clock.Advance(TimeSpan.FromMilliseconds(pause));
                now += pause / 1000.0;
                if (bucket.Take(clock, new Rate(perSecond, burst)) is var wait && wait == TimeSpan.Zero)
                    given.Add(now);
                else if (wait > TimeSpan.FromSeconds(1.0 / perSecond) + TimeSpan.FromTicks(1))
                    return false;
            }

            for (var from = 0; from < given.Count; from++)
            {
                for (var to = from; to < given.Count; to++)
                {
                    if (to - from + 1 > burst + ((given[to] - given[from]) * perSecond) + 1e-6)
                        return false;
                }
            }

            return true;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(300));

    [Fact]
    public void After_the_time_that_it_told_it_gives() => Prop.ForAll(
        Gen.Choose(1, 20).ToArbitrary(),
        Gen.Choose(1, 50).ToArbitrary(),
        (burst, perSecond) =>
        {
            var clock = new FakeTimeProvider();
            var bucket = new BucketLevel();
            TimeSpan wait;
            do
                wait = bucket.Take(clock, new Rate(perSecond, burst));
            while (wait == TimeSpan.Zero);
            clock.Advance(wait + TimeSpan.FromTicks(1));
            return bucket.Take(clock, new Rate(perSecond, burst)) == TimeSpan.Zero;
        }).Check(Config.QuickThrowOnFailure);
}
