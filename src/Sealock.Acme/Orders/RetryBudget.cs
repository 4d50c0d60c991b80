// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Orders;

/// <summary>
/// How long to wait after a failed issuance. The first delays are short and double; none is longer than a sixteenth of the
/// lifetime that is left, so the nearer the end the more often it is tried. Pure.
/// </summary>
public static class RetryBudget
{
    /// <summary>The first delay.</summary>
    public static readonly TimeSpan First = TimeSpan.FromMinutes(1);

    /// <summary>The shortest delay, however near the end is.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(20);

    /// <summary>The longest delay, however far the end is.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    /// <summary>The longest delay where nothing valid stands: for users it is down, or has never been up.</summary>
    public static readonly TimeSpan LongestWithoutCertificate = TimeSpan.FromMinutes(30);

    private const int Share = 16;

    /// <summary>The delay after the n-th failure in a row (from 1).</summary>
    /// <param name="failures">How often it failed.</param>
    /// <param name="remaining">What was left of the certificate's lifetime at the last failure; zero or less where none was valid.</param>
    /// <param name="spread">In [0, 1): moves the delay by up to a tenth, so that those who failed together do not return together.</param>
    public static TimeSpan Delay(int failures, TimeSpan remaining, double spread = 0.5)
    {
        var cap = remaining <= TimeSpan.Zero ? LongestWithoutCertificate
            : remaining / Share < Longest ? remaining / Share
            : Longest;
        var doubled = First * Math.Pow(2, Math.Clamp(failures - 1, 0, 20));
        var delay = (doubled < cap ? doubled : cap) * (0.9 + 0.1 * spread);
        return delay > Shortest ? delay : Shortest;
    }

    /// <summary>When to try again: after the delay, and not before the instant that the issuer gave.</summary>
    /// <param name="lastFailure">When it failed.</param>
    /// <param name="failures">How often in a row.</param>
    /// <param name="notAfter">When the certificate that stands ends; null for none.</param>
    /// <param name="notBefore">The issuer's instant; null for none.</param>
    /// <param name="spread">As in <see cref="Delay"/>.</param>
    public static DateTimeOffset RetryAt(
        DateTimeOffset lastFailure, int failures, DateTimeOffset? notAfter, DateTimeOffset? notBefore, double spread)
    {
        var at = lastFailure + Delay(failures, notAfter is { } end ? end - lastFailure : TimeSpan.Zero, spread);
        return notBefore > at ? notBefore.Value : at;
    }
}
