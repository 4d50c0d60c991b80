// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Limits;

/// <summary>How often something may happen: so many times at once, and again at a steady rate.</summary>
/// <param name="PerSecond">The rate.</param>
/// <param name="Burst">How many at once.</param>
internal readonly record struct Rate(double PerSecond, int Burst);

/// <summary>A token bucket. Safe for use by several threads.</summary>
internal sealed class TokenBucket(Rate rate, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private double _tokens = rate.Burst;
    private long _since = clock.GetTimestamp();

    /// <summary>Takes one; otherwise answers how long it is until there is one.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = clock.GetTimestamp();
            _tokens = Math.Min(rate.Burst, _tokens + clock.GetElapsedTime(_since, now).TotalSeconds * rate.PerSecond);
            _since = now;
            if (_tokens >= 1)
            {
                _tokens--;
                wait = TimeSpan.Zero;
                return true;
            }

            wait = TimeSpan.FromSeconds((1 - _tokens) / rate.PerSecond);
            return false;
        }
    }
}

/// <summary>A token bucket for each of many keys; those that were not asked for lately begin anew.</summary>
internal sealed class TokenBuckets<TKey>(Rate rate, int capacity, TimeProvider clock)
    where TKey : notnull
{
    private readonly BoundedTable<TKey, TokenBucket> _buckets = new(capacity);

    /// <summary>Takes one of a key's; otherwise answers how long it is until there is one.</summary>
    public bool TryTake(TKey key, out TimeSpan wait) => _buckets.GetOrAdd(key, _ => new TokenBucket(rate, clock)).TryTake(out wait);
}
