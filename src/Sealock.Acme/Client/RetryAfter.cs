// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Acme.Client;

/// <summary>The Retry-After header (RFC 9110 section 10.2.3).</summary>
public static class RetryAfter
{
    /// <summary>No server may put a client off for longer.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(366);

    private static readonly string[] DateFormats =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "ddd, d MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy",
    ];

    /// <summary>
    /// The instant meant by a header of seconds or of one of HTTP's dates; never before now, never more than a year away. Null
    /// where it is absent or neither.
    /// </summary>
    public static DateTimeOffset? Parse(string? header, DateTimeOffset now)
    {
        var text = header?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        if (text.All(char.IsAsciiDigit))
        {
            return now + (double.Parse(text, CultureInfo.InvariantCulture) is var seconds && seconds < Longest.TotalSeconds
                ? TimeSpan.FromSeconds(seconds)
                : Longest);
        }

        if (!DateTimeOffset.TryParseExact(
            text, DateFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out var date))
            return null;
        var latest = now + Longest;
        return date < now ? now : date > latest ? latest : date;
    }
}
