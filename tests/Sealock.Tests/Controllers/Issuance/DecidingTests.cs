// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Sealock.Acme.Orders;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;

namespace Sealock.Tests.Controllers.Issuance;

public sealed class DecidingTests
{
    private static readonly DateTimeOffset Start = Time("2026-03-01 12:00");

    private static DateTimeOffset Time(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static RenewalWindowView Window(string cron, string length, string zone = "") => new()
    {
        Cron = cron,
        WindowDuration = TimeSpan.Parse(length, CultureInfo.InvariantCulture),
        Timezone = zone,
    };

    [Theory]
    [InlineData(90, null, null, 60)]
    [InlineData(90, 30, null, 60)]
    [InlineData(90, 1, null, 89)]
    // A time before the end that is as long as the whole life says nothing.
    [InlineData(90, 90, null, 60)]
    [InlineData(90, 200, null, 60)]
    [InlineData(100, null, 25, 75)]
    [InlineData(100, null, 1, 99)]
    public void The_time_of_renewal_follows_the_life_that_was_issued(int life, int? before, int? percentage, int expected)
    {
        var spec = new CertificateSpecView
        {
            RenewBefore = before is { } days ? TimeSpan.FromDays(days) : null,
            RenewBeforePercentage = percentage,
        };
        Assert.Equal(Start.AddDays(expected), RenewalTime.Plan(Start, Start.AddDays(life), spec, null).Time);
    }

    [Fact]
    public void A_disabled_renewal_has_no_time_and_says_so()
    {
        var plan = RenewalTime.Plan(Start, Start.AddDays(90), new() { Renewal = new() { Policy = "Disabled" } }, null);
        Assert.Equal((null, "Disabled"), (plan.Time, plan.Reason));
    }

    [Theory]
    // Renewal is due on 2026-04-30 12:00, a Thursday; nights from 1:00 on.
    [InlineData("0 1 * * *", "02:00:00", "", "2026-05-01 01:00", "")]
    // The window is open already.
    [InlineData("0 11 * * *", "02:00:00", "", "2026-04-30 12:00", "")]
    [InlineData("0 2 * * SAT", "04:00:00", "", "2026-05-02 02:00", "")]
    [InlineData("0 2 * * *", "01:00:00", "America/New_York", "2026-05-01 06:00", "")]
    // Once a year, long after the end: the certificate is renewed without.
    [InlineData("0 0 1 1 *", "01:00:00", "", "2026-04-30 12:00", "WindowError")]
    [InlineData("rubbish", "01:00:00", "", "2026-04-30 12:00", "WindowError")]
    [InlineData("0 2 * * *", "01:00:00", "Mars/Olympus", "2026-04-30 12:00", "WindowError")]
    public void Windows_move_the_time_of_renewal_and_never_past_the_end(string cron, string length, string zone, string expected, string reason)
    {
        var spec = new CertificateSpecView { Renewal = new() { Windows = [Window(cron, length, zone)] } };
        var plan = RenewalTime.Plan(Start, Start.AddDays(90), spec, null);
        Assert.Equal((Time(expected), reason), (plan.Time, plan.Reason));
    }

    [Fact]
    public void The_instant_that_the_ca_suggests_counts_but_leaves_time_for_failures()
    {
        var end = Start.AddDays(90);
        Assert.Equal(Start.AddDays(5), RenewalTime.Plan(Start, end, new(), Start.AddDays(5)).Time);
        Assert.Equal(Start.AddDays(80), RenewalTime.Plan(Start, end, new(), Start.AddDays(80)).Time);
        Assert.Equal(end - TimeSpan.FromDays(4.5), RenewalTime.Plan(Start, end, new(), end).Time);
        Assert.Equal(Start.AddDays(60), RenewalTime.Plan(Start, end, new() { RenewBefore = TimeSpan.FromDays(30) }, Start.AddDays(80)).Time);
    }

    [Theory]
    // Hours of life, renewBefore in hours, hours until it is due.
    [InlineData(24, 23d, 2.4)]
    [InlineData(24, 20d, 4)]
    [InlineData(1, 59 / 60d, 0.1)]
    [InlineData(2160, 2159d, 6)]
    [InlineData(2160, 2100d, 60)]
    // Nothing is asked for: two thirds, and of six days not less than two days and an hour are left.
    [InlineData(144, null, 95)]
    [InlineData(160, null, 160 * 2 / 3d)]
    [InlineData(97, null, 97 * 2 / 3d)]
    public void A_new_certificate_is_never_due_at_once(double life, double? before, double expected)
    {
        var spec = new CertificateSpecView { RenewBefore = before is { } hours ? TimeSpan.FromHours(hours) : null };
        var plan = RenewalTime.Plan(Start, Start.AddHours(life), spec, null);
        Assert.InRange(plan.Time!.Value, Start.AddHours(expected).AddSeconds(-1), Start.AddHours(expected).AddSeconds(1));
        Assert.Equal(before is { } asked && life - asked < expected ? Reasons.RenewalPostponed : "", plan.Reason);
    }

    [Fact]
    public void A_life_that_began_long_before_the_issue_does_not_make_a_certificate_due_at_once()
    {
        var issued = Start.AddDays(89);
        Assert.Equal(issued.AddHours(12), RenewalTime.Plan(Start, Start.AddDays(90), new(), null, issued).Time);
        Assert.Equal(Start.AddHours(6), RenewalTime.Plan(Start, Start.AddDays(90), new(), Start.AddDays(-3), Start).Time);
        Assert.Equal(Start.AddHours(1), RenewalTime.Plan(Start, Start.AddDays(90), new(), Start.AddHours(1), Start, isHasteHeeded: true).Time);
        var hasty = new CertificateSpecView { RenewBefore = TimeSpan.FromHours(2159) };
        Assert.Equal(Start.AddHours(6), RenewalTime.Plan(Start, Start.AddDays(90), hasty, Start.AddDays(5), Start, isHasteHeeded: true).Time);
    }

    [Fact]
    public void A_certificate_that_ends_with_its_CA_is_not_renewed_before_the_CA_is()
    {
        var end = Start.AddDays(90);
        var plan = RenewalTime.Plan(Start, end, new() { RenewBefore = TimeSpan.FromDays(80) }, null, Start, end);
        Assert.Equal((null, Reasons.IssuerEnds), (plan.Time, plan.Reason));
        Assert.Equal(Start.AddDays(60), RenewalTime.Plan(Start, end, new(), null, Start, end.AddSeconds(1)).Time);
    }

    [Theory]
    [InlineData("*/15 * * * *", "2026-03-01 12:00", "2026-03-01 12:15")]
    [InlineData("0 0 29 2 *", "2026-03-01 12:00", "2028-02-29 00:00")]
    [InlineData("30 4 1,15 * 5", "2026-03-01 12:00", "2026-03-06 04:30")]
    [InlineData("0 22-23 * * mon-fri", "2026-03-06 23:30", "2026-03-09 22:00")]
    [InlineData("0 0 * * 7", "2026-03-01 12:00", "2026-03-08 00:00")]
    [InlineData("@monthly", "2026-03-01 12:00", "2026-04-01 00:00")]
    [InlineData("5/20 * * * *", "2026-03-01 12:00", "2026-03-01 12:05")]
    public void Cron_expressions_name_the_next_time(string cron, string after, string expected)
    {
        Assert.True(CronSchedule.TryParse(cron, out var schedule, out var problem), problem);
        Assert.Equal(Time(expected), schedule.NextAfter(Time(after), Time("2030-01-01"), TimeZoneInfo.Utc));
    }

    [Theory]
    [InlineData("")]
    [InlineData("* * * *")]
    [InlineData("60 * * * *")]
    [InlineData("* * 0 * *")]
    [InlineData("5-1 * * * *")]
    [InlineData("*/0 * * * *")]
    [InlineData("a * * * *")]
    [InlineData("1,,2 * * * *")]
    [InlineData("@reboot")]
    public void What_is_no_cron_expression_is_told(string cron)
    {
        Assert.False(CronSchedule.TryParse(cron, out _, out var problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void An_hour_that_the_clock_skips_is_taken_the_next_day_and_one_that_it_repeats_once()
    {
        var zone = TimeZoneInfo.FindSystemTimeZoneById("Europe/Zurich");
        Assert.True(CronSchedule.TryParse("30 2 * * *", out var schedule, out _));
        Assert.Equal(Time("2026-03-30 00:30"), schedule.NextAfter(Time("2026-03-28 12:00"), Time("2027-01-01"), zone));
        var first = schedule.NextAfter(Time("2026-10-24 12:00"), Time("2027-01-01"), zone);
        Assert.Equal(Time("2026-10-25 00:30"), first);
        Assert.Equal(Time("2026-10-26 01:30"), schedule.NextAfter(first!.Value, Time("2027-01-01"), zone));
    }

    [Fact]
    public void Delays_after_failures_grow_and_leave_room_for_more_tries() => Prop.ForAll(
        Gen.Choose(1, 60).ToArbitrary(), Gen.Choose(1, 100_000).ToArbitrary(), (failures, minutes) =>
        {
            var remaining = TimeSpan.FromMinutes(minutes);
            var delay = RetryBudget.Delay(failures, remaining);
            Assert.True(delay >= RetryBudget.Shortest);
            Assert.True(delay <= remaining / 16 || delay == RetryBudget.Shortest, $"{delay} of {remaining}");
            Assert.True(delay <= RetryBudget.Longest);
            Assert.True(RetryBudget.Delay(failures + 1, remaining) >= delay);
            Assert.True(RetryBudget.Delay(failures, remaining * 2) >= delay);
        }).QuickCheckThrowOnFailure();

    [Theory]
    // 160 hours, renewed at two thirds: cert-manager's doubling hours would leave five tries.
    [InlineData(160, 25)]
    [InlineData(2160, 60)]
    [InlineData(1, 10)]
    public void However_long_a_ca_is_down_there_are_many_tries_before_the_end(int hours, int least)
    {
        var now = Start + TimeSpan.FromHours(hours) * 2 / 3;
        var end = Start.AddHours(hours);
        var tries = 0;
        for (; now < end; tries++)
            now = RetryBudget.RetryAt(now, tries + 1, end, null, 0.5);
        Assert.True(tries >= least, $"{tries} tries");
        Assert.True(tries < 400, $"{tries} tries");
    }

    [Fact]
    public void What_the_issuer_says_of_when_to_try_again_is_heeded()
    {
        var notBefore = Start.AddHours(3);
        Assert.Equal(notBefore, RetryBudget.RetryAt(Start, 1, Start.AddDays(30), notBefore, 0));
        Assert.True(RetryBudget.RetryAt(Start, 1, Start.AddDays(30), null, 0) < Start.AddMinutes(2));
    }

    [Fact]
    public void Without_a_certificate_it_is_tried_at_least_every_half_hour() =>
        Assert.Equal(RetryBudget.LongestWithoutCertificate * 0.9, RetryBudget.Delay(50, TimeSpan.Zero, 0));

    [Fact]
    public void Every_check_has_a_reason_and_both_uses_share_one_list()
    {
        Assert.All(Checks.All, check => Assert.NotEmpty(check.Reason));
        Assert.Contains(Checks.All, check => check is { Reason: Reasons.Renewing, Use: CheckUse.Issue });
        Assert.Contains(Checks.All, check => check is { Reason: Reasons.Expired, Use: CheckUse.Ready });
        string[] both = ["DoesNotExist", "MissingData", "InvalidKeyPair", "InvalidCertificate", "IncorrectIssuer", "IncorrectCertificate", "RequestChanged"];
        Assert.All(both, reason => Assert.Contains(Checks.All, check => check.Reason == reason && check.Use == CheckUse.Both));
    }
}
