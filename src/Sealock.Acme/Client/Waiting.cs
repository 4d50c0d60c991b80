// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Client;

/// <summary>How long to wait before a request is sent again: pure.</summary>
internal static class Waiting
{
    /// <summary>Tries of a request that the server turned away without doing it.</summary>
    private const int MostTries = 10;

    /// <summary>Tries of a request of which nobody knows what became of it.</summary>
    private const int MostRepetitions = 3;

    private static readonly TimeSpan LongestSpread = TimeSpan.FromSeconds(1);

    /// <summary>The wait; null where the request is not sent again.</summary>
    /// <param name="failure">What came of it.</param>
    /// <param name="tries">How often it was sent.</param>
    /// <param name="mayRepeat">Whether sending it twice does no harm.</param>
    /// <param name="now">The time.</param>
    /// <param name="jitter">From 0 up to 1.</param>
    public static TimeSpan? Before(AcmeFailure failure, int tries, bool mayRepeat, DateTimeOffset now, double jitter)
    {
        // 429 and 503 say that nothing was done.
        var turnedAway = failure.Kind == AcmeFailureKind.RateLimited || failure.Status == 503;
        if (turnedAway && failure.RetryAt is { } at)
            return tries < MostTries ? (at > now ? at - now : TimeSpan.Zero) + (LongestSpread * jitter) : null;
        var again = turnedAway || (mayRepeat && failure.IsTransient);
        return again && tries < MostRepetitions ? TimeSpan.FromSeconds(Math.Pow(2, tries - 1) * (0.5 + (jitter / 2))) : null;
    }
}
