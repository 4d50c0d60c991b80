// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Audit.Outputs;

/// <summary>A token bucket that tells how long to wait. Not safe for several threads.</summary>
internal sealed class BatchThrottle(double perSecond, int burst, DateTimeOffset start)
{
    private double _tokens = burst;
    private DateTimeOffset _last = start;

    /// <summary>Takes one token, and answers how long to wait before acting on it.</summary>
    public TimeSpan Take(DateTimeOffset now)
    {
        var passed = Math.Max(0, (now - _last).TotalSeconds);
        _last = now;
        _tokens = Math.Min(burst, _tokens + (passed * perSecond)) - 1;
        return _tokens >= 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(-_tokens / perSecond);
    }
}
