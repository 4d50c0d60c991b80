// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Deciding;

/// <summary>When one of several windows (cron expression, length, time zone) is open.</summary>
internal static class RenewalWindows
{
    /// <summary>
    /// The first instant from <paramref name="from"/> on and before <paramref name="until"/> at which a window is open, or null.
    /// Windows that cannot be understood are left out and told.
    /// </summary>
    public static DateTimeOffset? FirstOpen(
        IReadOnlyList<RenewalWindowView> windows, DateTimeOffset from, DateTimeOffset until, out string problem)
    {
        problem = "";
        DateTimeOffset? first = null;
        foreach (var window in windows)
        {
            if (window.WindowDuration is not { } length || length <= TimeSpan.Zero)
                problem = "windowDuration is to be a positive duration such as 2h";
            else if (!CronSchedule.TryParse(window.Cron, out var schedule, out var mistake))
                problem = mistake;
            else if (!TryFindZone(window.Timezone, out var zone))
                problem = $"the time zone \"{window.Timezone}\" is not known";
            else if (schedule.NextAfter(from - length, until, zone) is { } opens && (opens > from ? opens : from) is var at && (first is null || at < first))
                first = at;
        }

        if (first is not null)
            problem = "";
        return first;
    }

    private static bool TryFindZone(string name, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        return name.Length == 0 || TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone!);
    }
}
