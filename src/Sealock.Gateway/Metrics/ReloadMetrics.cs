// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Sealock.Gateway.Metrics;

/// <summary>Counts what was read again while the server runs: each by a fixed name, with how it went and when it last went well.</summary>
public sealed class ReloadMetrics
{
    private readonly ConcurrentDictionary<string, ReloadCount> _counts = new(StringComparer.Ordinal);

    /// <summary>The count of something, which has just been read for the first time where nobody has asked for it before.</summary>
    public ReloadCount Of(string what, TimeProvider clock) => _counts.GetOrAdd(what, _ => new ReloadCount(clock));

    internal void Write(PrometheusText text)
    {
        const string total = "sealock_reloads_total";
        const string last = "sealock_reload_last_success_timestamp_seconds";
        text.Family(total, "counter", "What was read again because it had changed, by whether it was taken over.");
        foreach (var (what, count) in _counts)
        {
            text.Sample(total, count.Succeeded, ("what", what), ("result", "ok"));
            text.Sample(total, count.Refused, ("what", what), ("result", "refused"));
        }

        text.Family(last, "gauge", "When it was read and taken over last, in Unix time.");
        foreach (var (what, count) in _counts)
            text.Sample(last, count.LastSuccess.ToUnixTimeMilliseconds() / 1000.0, ("what", what));
        const string failing = "sealock_reload_refused";
        text.Family(failing, "gauge", "1 while what stands there was refused, and what was read before goes on.");
        foreach (var (what, count) in _counts)
            text.Sample(failing, count.IsRefused ? 1 : 0, ("what", what));
    }
}

/// <summary>How often one thing was read again.</summary>
public sealed class ReloadCount
{
    private readonly TimeProvider _clock;
    private long _succeeded;
    private long _refused;
    private long _lastSuccess;
    private volatile bool _isRefused;

    /// <summary>It has just been read for the first time.</summary>
    public ReloadCount(TimeProvider clock)
    {
        _clock = clock;
        _lastSuccess = clock.GetUtcNow().UtcTicks;
    }

    /// <summary>How often it was taken over.</summary>
    public long Succeeded => Interlocked.Read(ref _succeeded);

    /// <summary>How often it was not.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Whether it was not, the last time.</summary>
    public bool IsRefused => _isRefused;

    /// <summary>When it was taken over last.</summary>
    public DateTimeOffset LastSuccess => new(Interlocked.Read(ref _lastSuccess), TimeSpan.Zero);

    /// <summary>It was read again, and is in force or is not.</summary>
    public void Note(bool taken)
    {
        _isRefused = !taken;
        Interlocked.Increment(ref (taken ? ref _succeeded : ref _refused));
        if (taken)
            Interlocked.Exchange(ref _lastSuccess, _clock.GetUtcNow().UtcTicks);
    }
}
