// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Controllers.Reconciling;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

public sealed class WorkQueueTests
{
    private readonly FakeTimeProvider _time = new();

    private WorkQueue<string> Queue(double jitter = 0) =>
        new(_time, new Backoff { First = TimeSpan.FromSeconds(1), Longest = TimeSpan.FromSeconds(10), Jitter = jitter }, () => 0);

    private static string Take(WorkQueue<string> queue)
    {
        var taken = queue.TakeAsync(CancellationToken.None).AsTask();
        Assert.True(taken.IsCompletedSuccessfully, "nothing is ready");
        return taken.Result.Key!;
    }

    [Fact]
    public void A_key_added_twice_is_handed_out_once()
    {
        using var queue = Queue();
        queue.Add("a");
        queue.Add("b");
        queue.Add("a");
        Assert.Equal("a", Take(queue));
        Assert.Equal("b", Take(queue));
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void A_key_added_while_in_work_comes_again_after_it_is_done_and_not_before()
    {
        using var queue = Queue();
        queue.Add("a");
        Assert.Equal("a", Take(queue));
        queue.Add("a");
        queue.Add("a");
        Assert.Equal(0, queue.Depth);
        queue.Done("a");
        Assert.Equal(1, queue.Depth);
        Assert.Equal("a", Take(queue));
        queue.Done("a");
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void Delays_double_up_to_the_longest_and_start_over_after_success()
    {
        using var queue = Queue();
        var delays = Enumerable.Range(0, 6).Select(_ => queue.AddAfterFailure("a").TotalSeconds).ToArray();
        Assert.Equal([1, 2, 4, 8, 10, 10], delays);
        queue.Forget("a");
        Assert.Equal(1, queue.AddAfterFailure("a").TotalSeconds);
    }

    [Fact]
    public void Jitter_takes_away_at_most_its_part()
    {
        var backoff = new Backoff { First = TimeSpan.FromSeconds(8), Jitter = 0.5 };
        Assert.Equal(4, backoff.After(1, 0).TotalSeconds);
        Assert.InRange(backoff.After(1, 0.999).TotalSeconds, 7.9, 8);
    }

    [Fact]
    public void A_resting_key_is_ready_when_its_time_has_come()
    {
        using var queue = Queue();
        queue.AddAfter("late", TimeSpan.FromSeconds(5));
        queue.AddAfter("soon", TimeSpan.FromSeconds(2));
        Assert.Equal(2, queue.Resting);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0, queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal("soon", Take(queue));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("late", Take(queue));
        Assert.Equal(0, queue.Resting);
    }

    [Fact]
    public void The_earliest_of_several_delays_counts_and_the_key_comes_once()
    {
        using var queue = Queue();
        queue.AddAfter("a", TimeSpan.FromSeconds(9));
        queue.AddAfter("a", TimeSpan.FromSeconds(3));
        queue.AddAfter("a", TimeSpan.FromSeconds(6));
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal("a", Take(queue));
        queue.Done("a");
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public async Task A_closed_queue_hands_out_what_is_ready_and_then_ends()
    {
        using var queue = Queue();
        queue.Add("a");
        queue.AddAfter("b", TimeSpan.FromSeconds(1));
        queue.Close();
        queue.Add("c");
        Assert.Equal((true, "a"), await queue.TakeAsync(CancellationToken.None));
        Assert.False((await queue.TakeAsync(CancellationToken.None)).Found);
    }

    [Fact]
    public void No_added_key_is_ever_lost_and_none_is_with_two_workers_at_once() => Prop.ForAll(
        Gen.Elements("add", "add", "take", "done", "delay", "tick").Zip(Gen.Choose(0, 4)).ListOf().ToArbitrary(),
        steps =>
        {
            using var queue = Queue();
            var owed = new HashSet<string>();
            var held = new List<string>();
            foreach (var (step, number) in steps)
            {
                var key = "k" + number;
                switch (step)
                {
                    case "add":
                        queue.Add(key);
                        owed.Add(key);
                        break;
                    case "delay":
                        queue.AddAfter(key, TimeSpan.FromSeconds(number + 1));
                        owed.Add(key);
                        break;
                    case "take" when queue.Depth > 0:
                        var taken = Take(queue);
                        Assert.DoesNotContain(taken, held);
                        held.Add(taken);
                        owed.Remove(taken);
                        break;
                    case "done" when held.Count > 0:
                        queue.Done(held[0]);
                        held.RemoveAt(0);
                        break;
                    case "tick":
                        _time.Advance(TimeSpan.FromSeconds(1));
                        break;
                }
            }

            _time.Advance(TimeSpan.FromMinutes(1));
            held.ForEach(queue.Done);
            while (queue.Depth > 0)
                owed.Remove(Take(queue));
            Assert.Empty(owed);
        }).QuickCheckThrowOnFailure();
}
