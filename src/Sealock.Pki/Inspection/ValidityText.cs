// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Pki.Inspection;

/// <summary>Where a moment stands in a validity.</summary>
public enum ValidityState
{
    /// <summary>Within it.</summary>
    Valid,

    /// <summary>Within it, but it ends soon.</summary>
    Expiring,

    /// <summary>After its end.</summary>
    Expired,

    /// <summary>Before its start.</summary>
    NotYetValid,
}

/// <summary>Validities and residual times, judged and in words.</summary>
public static class ValidityText
{
    /// <summary>Where <paramref name="now"/> stands; <paramref name="within"/> is how long before the end is soon.</summary>
    public static ValidityState StateAt(DateTimeOffset now, DateTimeOffset notBefore, DateTimeOffset notAfter, TimeSpan within) =>
        now > notAfter ? ValidityState.Expired
        : now < notBefore ? ValidityState.NotYetValid
        : notAfter - now <= within ? ValidityState.Expiring
        : ValidityState.Valid;

    /// <summary>A moment in UTC to the second: <c>2026-06-01 12:00:00 UTC</c>.</summary>
    public static string Moment(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>A moment as RFC 3339, for machines: <c>2026-06-01T12:00:00Z</c>.</summary>
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time span in its fitting unit, rounded down: <c>364 days</c>, <c>9 years</c>, <c>36 hours</c>, <c>90 seconds</c>.</summary>
    public static string Span(TimeSpan span)
    {
        var (days, hours) = (span.Duration().TotalDays, span.Duration().TotalHours);
        return days >= 731 ? Count(days / 365.25, "year")
            : hours >= 48 ? Count(days, "day")
            : hours >= 2 ? Count(hours, "hour")
            : hours * 60 >= 2 ? Count(hours * 60, "minute")
            : Count(span.Duration().TotalSeconds, "second");
    }

    /// <summary>When something happens or happened, seen from now: <c>in 364 days</c>, <c>3 hours ago</c>.</summary>
    public static string Relative(DateTimeOffset time, DateTimeOffset now) => time >= now ? $"in {Span(time - now)}" : $"{Span(now - time)} ago";

    private static string Count(double amount, string unit)
    {
        var whole = (long)amount;
        return string.Create(CultureInfo.InvariantCulture, $"{whole} {unit}{(whole == 1 ? "" : "s")}");
    }
}
