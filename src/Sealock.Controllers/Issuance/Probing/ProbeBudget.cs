// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>How many endpoints a namespace may have probed: a few at once, then one each second.</summary>
internal sealed class ProbeBudget(TimeProvider time)
{
    private const int AtOnce = 8 * ProbeTargets.Most;
    private static readonly TimeSpan PerProbe = TimeSpan.FromSeconds(1);

    /// <summary>When each namespace will have paid for what it had.</summary>
    private readonly ConcurrentDictionary<string, DateTimeOffset> _paid = new(StringComparer.Ordinal);

    /// <summary>Takes some probes; answers how long to wait where there are not enough, and takes none then.</summary>
    public TimeSpan? Take(string @namespace, int probes)
    {
        var now = time.GetUtcNow();
        while (true)
        {
            var known = _paid.TryGetValue(@namespace, out var before);
            var paid = (known && before > now ? before : now) + probes * PerProbe;
            if (paid - now > AtOnce * PerProbe)
                return paid - now - AtOnce * PerProbe;
            if (known ? _paid.TryUpdate(@namespace, paid, before) : _paid.TryAdd(@namespace, paid))
                return null;
        }
    }
}
