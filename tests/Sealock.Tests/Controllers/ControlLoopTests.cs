// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

public sealed class ControlLoopTests
{
    private static readonly Backoff Quick = new() { First = TimeSpan.FromSeconds(1), Jitter = 0 };

    private readonly FakeTimeProvider _time = new();

    private static ObjectKey Key(string name) => new("", name);

    [Fact]
    public async Task A_failing_object_is_retried_with_growing_delays_and_holds_up_no_other()
    {
        var looks = new ConcurrentQueue<string>();
        var badSeen = new SemaphoreSlim(0);
        var goodSeen = new SemaphoreSlim(0);
        using var stop = new CancellationTokenSource();
        using var loop = new ControlLoop("test", (key, _) =>
        {
            looks.Enqueue(key.Name);
            if (key.Name == "bad")
            {
                badSeen.Release();
                throw new InvalidOperationException("broken");
            }

            goodSeen.Release();
            return ValueTask.FromResult(Reconciliation.Done);
        }, _time, NullLogger.Instance, Quick)
        { Workers = 1 };
        var running = loop.RunAsync(stop.Token);

        loop.Look(Key("bad"));
        await badSeen.WaitAsync();
        loop.Look(Key("good"));
        await goodSeen.WaitAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await badSeen.WaitAsync();
        loop.Look(Key("good"));
        await goodSeen.WaitAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        loop.Look(Key("good"));
        await goodSeen.WaitAsync();
        Assert.Equal(["bad", "good", "bad", "good", "good"], looks);
        Assert.Equal(2, loop.Metrics.Failed);

        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_conflict_and_an_expected_obstacle_are_retries_and_no_failures()
    {
        var seen = new SemaphoreSlim(0);
        var calls = 0;
        using var stop = new CancellationTokenSource();
        using var loop = new ControlLoop("test", (_, _) =>
        {
            var call = Interlocked.Increment(ref calls);
            seen.Release();
            return call switch
            {
                1 => throw ApiException.Conflict("g", "r", "a", "changed"),
                2 => ValueTask.FromResult(Reconciliation.TryAgain("no CA yet")),
                3 => ValueTask.FromResult(Reconciliation.After(TimeSpan.FromMinutes(1))),
                _ => ValueTask.FromResult(Reconciliation.Done),
            };
        }, _time, NullLogger.Instance, Quick);
        var running = loop.RunAsync(stop.Token);
        loop.Look(Key("a"));
        for (var i = 0; i < 3; i++)
        {
            await seen.WaitAsync();
            await Until(() => _time.PendingTimers > 0);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        await seen.WaitAsync();
        await stop.CancelAsync();
        await running;
        Assert.Equal(4, calls);
        Assert.Equal(2, loop.Metrics.Retried);
        Assert.Equal(0, loop.Metrics.Failed);
    }

    [Fact]
    public async Task An_object_is_never_looked_at_twice_at_once_and_every_request_is_followed_by_a_look()
    {
        var inside = new ConcurrentDictionary<string, int>();
        var version = new ConcurrentDictionary<string, int>();
        var lastSeen = new ConcurrentDictionary<string, int>();
        var overlaps = 0;
        using var stop = new CancellationTokenSource();
        using var loop = new ControlLoop("test", async (key, _) =>
        {
            if (inside.AddOrUpdate(key.Name, 1, (_, count) => count + 1) > 1)
                Interlocked.Increment(ref overlaps);
            var now = version[key.Name];
            await Task.Yield();
            lastSeen[key.Name] = now;
            inside.AddOrUpdate(key.Name, 0, (_, count) => count - 1);
            return Reconciliation.Done;
        }, TimeProvider.System, NullLogger.Instance)
        { Workers = 8 };
        var running = loop.RunAsync(stop.Token);
        await Parallel.ForAsync(0, 2000, (i, _) =>
        {
            var name = "k" + i % 7;
            version.AddOrUpdate(name, 1, (_, old) => old + 1);
            loop.Look(Key(name));
            return ValueTask.CompletedTask;
        });
        await Until(() => version.All(pair => lastSeen.GetValueOrDefault(pair.Key) == pair.Value));
        await stop.CancelAsync();
        await running;
        Assert.Equal(0, overlaps);
    }

    private static async Task Until(Func<bool> condition)
    {
        while (!condition())
            await Task.Yield();
    }
}
