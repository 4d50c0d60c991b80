// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Api.Tables;

/// <summary>Durations with two or three significant figures, as kubectl's Age column shows them.</summary>
public static class HumanDuration
{
    /// <summary>Such as <c>90s</c>, <c>5m30s</c>, <c>3h</c>, <c>2d5h</c>, <c>400d</c>, <c>3y20d</c>.</summary>
    public static string Format(TimeSpan duration)
    {
        // Two seconds into the future are taken for clocks that differ.
        var seconds = (long)(duration.Ticks / TimeSpan.TicksPerSecond);
        var (minutes, hours) = (seconds / 60, seconds / 3600);
        var days = hours / 24;
        return seconds switch
        {
            < -1 => "<invalid>",
            < 0 => "0s",
            < 120 => Text($"{seconds}s"),
            _ when minutes < 10 => seconds % 60 == 0 ? Text($"{minutes}m") : Text($"{minutes}m{seconds % 60}s"),
            _ when minutes < 180 => Text($"{minutes}m"),
            _ when hours < 8 => minutes % 60 == 0 ? Text($"{hours}h") : Text($"{hours}h{minutes % 60}m"),
            _ when hours < 48 => Text($"{hours}h"),
            _ when days < 8 => hours % 24 == 0 ? Text($"{days}d") : Text($"{days}d{hours % 24}h"),
            _ when days < 730 => Text($"{days}d"),
            _ when days < 2920 => days % 365 == 0 ? Text($"{days / 365}y") : Text($"{days / 365}y{days % 365}d"),
            _ => Text($"{days / 365}y"),
        };
    }

    /// <summary>The time since an RFC 3339 timestamp, or <c>&lt;unknown&gt;</c> where there is none.</summary>
    public static string Since(string timestamp, DateTimeOffset now) =>
        DateTimeOffset.TryParse(timestamp, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? Format(now - time) : "<unknown>";

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
