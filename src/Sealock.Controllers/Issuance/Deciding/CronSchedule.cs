// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>
/// A cron expression of five fields (minute, hour, day of month, month, day of week) with lists, ranges, steps and English
/// names, or <c>@hourly</c>, <c>@daily</c>, <c>@midnight</c>, <c>@weekly</c>, <c>@monthly</c>, <c>@yearly</c>, <c>@annually</c>.
/// Where both kinds of day are restricted, either may match.
/// </summary>
internal sealed class CronSchedule
{
    private static readonly string[] Months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
    private static readonly string[] Weekdays = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

    private readonly ulong _minutes;
    private readonly ulong _hours;
    private readonly ulong _days;
    private readonly ulong _months;
    private readonly ulong _weekdays;
    private readonly bool _eitherDay;

    private CronSchedule(ulong[] fields, bool eitherDay) =>
        (_minutes, _hours, _days, _months, _weekdays, _eitherDay) = (fields[0], fields[1], fields[2], fields[3], fields[4], eitherDay);

    public static bool TryParse(string text, [NotNullWhen(true)] out CronSchedule? schedule, out string problem)
    {
        schedule = null;
        problem = "";
        var expression = text.Trim() switch
        {
            "@hourly" => "0 * * * *",
            "@daily" or "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" or "@annually" => "0 0 1 1 *",
            var other => other,
        };
        var parts = expression.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length != 5)
        {
            problem = $"\"{text}\" is no cron expression: it has {parts.Length} fields, not minute, hour, day, month and weekday";
            return false;
        }

        (int First, int Last, string[] Names)[] ranges = [(0, 59, []), (0, 23, []), (1, 31, []), (1, 12, Months), (0, 7, Weekdays)];
        var fields = new ulong[5];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!TryReadField(parts[i], ranges[i], out fields[i]))
            {
                problem = $"\"{parts[i]}\" in the cron expression \"{text}\" is not understood";
                return false;
            }
        }

        // Sunday is 0 and 7.
        fields[4] |= fields[4] >> 7 & 1;
        schedule = new CronSchedule(fields, parts[2][0] != '*' && parts[4][0] != '*');
        return true;
    }

    /// <summary>The first time later than <paramref name="after"/> and before <paramref name="until"/>, or null.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset after, DateTimeOffset until, TimeZoneInfo zone)
    {
        var local = TimeZoneInfo.ConvertTime(after, zone).DateTime;
        var limit = TimeZoneInfo.ConvertTime(until, zone).DateTime.AddDays(1);
        local = new DateTime(local.Year, local.Month, local.Day, local.Hour, local.Minute, 0).AddMinutes(1);
        while (local < limit)
        {
            if (!Has(_months, local.Month))
                local = new DateTime(local.Year, local.Month, 1).AddMonths(1);
            else if (!MatchesDay(local))
                local = local.Date.AddDays(1);
            else if (!Has(_hours, local.Hour))
                local = local.Date.AddHours(local.Hour + 1);
            else if (!Has(_minutes, local.Minute))
                local = local.AddMinutes(1);
            else if (Instant(local, zone) is { } instant && instant > after)
                return instant < until ? instant : null;
            else
                local = local.AddMinutes(1);
        }

        return null;
    }

    /// <summary>A local time as an instant; null for one that the clock skips. Of two, the first.</summary>
    private static DateTimeOffset? Instant(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
            return null;
        var offset = zone.IsAmbiguousTime(local) ? zone.GetAmbiguousTimeOffsets(local).Max() : zone.GetUtcOffset(local);
        return new DateTimeOffset(local, offset).ToUniversalTime();
    }

    private bool MatchesDay(DateTime day)
    {
        var (ofMonth, ofWeek) = (Has(_days, day.Day), Has(_weekdays, (int)day.DayOfWeek));
        return _eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek;
    }

    private static bool Has(ulong set, int value) => (set >> value & 1) != 0;

    private static bool TryReadField(string text, (int First, int Last, string[] Names) range, out ulong set)
    {
        set = 0;
        foreach (var item in text.Split(','))
        {
            var step = 1;
            var slash = item.IndexOf('/', StringComparison.Ordinal);
            var span = slash < 0 ? item : item[..slash];
            if (slash >= 0 && (!TryNumber(item[(slash + 1)..], out step) || step < 1))
                return false;
            var (first, last) = (range.First, range.Names.Length == 7 ? 6 : range.Last);
            if (span is not ("*" or "?"))
            {
                var dash = span.IndexOf('-', 1 < span.Length ? 1 : 0);
                if (!TryValue(dash < 0 ? span : span[..dash], range, out first))
                    return false;
                if (dash < 0)
                    last = slash < 0 ? first : last;
                else if (!TryValue(span[(dash + 1)..], range, out last))
                    return false;
            }

            if (first < range.First || last > range.Last || first > last)
                return false;
            for (var value = first; value <= last; value += step)
                set |= 1UL << value;
        }

        return true;
    }

    private static bool TryValue(string text, (int First, int Last, string[] Names) range, out int value)
    {
        if (TryNumber(text, out value))
            return true;
        var name = Array.FindIndex(range.Names, known => known.Equals(text, StringComparison.OrdinalIgnoreCase));
        value = name + range.First;
        return name >= 0;
    }

    private static bool TryNumber(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
