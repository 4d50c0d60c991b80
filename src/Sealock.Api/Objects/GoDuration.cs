// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;

namespace Sealock.Api.Objects;

/// <summary>Durations as Go's flags write them (<c>8760h</c>, <c>1h30m</c>, <c>20s</c>), and <c>30d</c> beside them.</summary>
public static class GoDuration
{
    private static readonly (string Unit, double Seconds)[] Units =
        [("ns", 1e-9), ("us", 1e-6), ("µs", 1e-6), ("ms", 1e-3), ("s", 1), ("m", 60), ("h", 3600), ("d", 86400)];

    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    /// <summary>Reads a duration; false where the text is none, is negative, or is longer than a thousand years.</summary>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        if (text == "0")
            return true;
        var rest = text.AsSpan();
        var seconds = 0.0;
        if (rest.IsEmpty)
            return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !double.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
                return false;
            rest = rest[digits..];
            var end = rest.IndexOfAny(Digits);
            var unit = (end < 0 ? rest : rest[..end]).ToString();
            var match = Array.FindIndex(Units, u => u.Unit == unit);
            if (match < 0)
                return false;
            seconds += number * Units[match].Seconds;
            rest = rest[unit.Length..];
        }

        if (seconds > 365_000d * 86400)
            return false;
        duration = TimeSpan.FromSeconds(seconds);
        return true;
    }
}
