// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Limits;

/// <summary>How often something may happen: so many times at once, and again at a steady rate.</summary>
/// <param name="PerSecond">The rate.</param>
/// <param name="Burst">How many at once.</param>
internal readonly record struct Rate(double PerSecond, int Burst);

/// <summary>
/// How much of a rate is used up: what is kept is how many tokens are missing, so that one that was never used is full. For
/// one thread at a time; the rate may be another one each time.
/// </summary>
internal struct BucketLevel
{
    private double _missing;
    private long _at;

    /// <summary>Takes a token.</summary>
    /// <returns>Zero if there was one, otherwise in what time there will be.</returns>
    public TimeSpan Take(TimeProvider clock, Rate rate)
    {
        var now = clock.GetTimestamp();
        if (now > _at)
        {
            _missing = Math.Max(0, _missing - (clock.GetElapsedTime(_at, now).TotalSeconds * rate.PerSecond));
            _at = now;
        }

        // The rate may have been narrowed since.
        _missing = Math.Min(_missing, rate.Burst);
        // Rounded up: no wait is zero.
        if (_missing + 1 > rate.Burst)
            return TimeSpan.FromTicks((long)Math.Ceiling((_missing + 1 - rate.Burst) / rate.PerSecond * TimeSpan.TicksPerSecond));
        _missing++;
        return TimeSpan.Zero;
    }
}

/// <summary>A token bucket. Safe for use by several threads.</summary>
internal sealed class TokenBucket(Rate rate, TimeProvider clock)
{
    private readonly Lock _gate = new();
    private BucketLevel _level;

    /// <summary>Takes one; otherwise answers how long it is until there is one.</summary>
    public bool TryTake(out TimeSpan wait)
    {
        lock (_gate)
        {
            wait = _level.Take(clock, rate);
            return wait == TimeSpan.Zero;
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
