// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Outputs;

namespace Sealock.Tests.Audit;

public class LogBackupsTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 0, 0, 0, TimeSpan.Zero);

    private static readonly string[] Folder =
    [
        "audit.log", "audit-2026-03-09T00-00-00.000.log", "audit-2026-03-08T00-00-00.000.log.gz", "audit-2026-03-07T00-00-00.000.log",
        "audit-2026-03-07T00-00-00.000.log.gz", "audit-2026-03-01T00-00-00.000.log", "audit-old.log", "audit-2026-03-01T00-00-00.000.txt",
        "other-2026-03-01T00-00-00.000.log", "audit-2026-13-01T00-00-00.000.log", "audit-2026-03-06T00-00-00.000.log.gz.partial",
    ];

    [Theory]
    [InlineData(0, 0, false, "", "")]
    [InlineData(2, 0, false, "07.log 07.log.gz 01.log", "")]
    [InlineData(3, 0, false, "01.log", "")]
    [InlineData(0, 2, false, "07.log 07.log.gz 01.log", "")]
    [InlineData(0, 0, true, "", "09.log 07.log 01.log")]
    [InlineData(2, 0, true, "07.log 07.log.gz 01.log", "09.log")]
    [InlineData(1, 1, true, "08.log.gz 07.log 07.log.gz 01.log", "09.log")]
    [InlineData(10, 30, false, "", "")]
    public void Old_files_are_removed_by_number_and_age_and_compressed(
        int most, int days, bool compress, string removed, string compressed)
    {
        var plan = LogBackups.Plan(
            new AuditLogOptions { Path = "/var/log/audit.log", MaxBackups = most, MaxAge = TimeSpan.FromDays(days), Compress = compress },
            Folder, Now);
        Assert.Equal(Names(removed).Append("audit-2026-03-06T00-00-00.000.log.gz.partial"), plan.Remove);
        Assert.Equal(Names(compressed), plan.Compress);
    }

    [Theory]
    [InlineData("audit.log", "audit-2026-03-10T00-00-00.000.log")]
    [InlineData("audit", "audit-2026-03-10T00-00-00.000")]
    [InlineData("a.b.log", "a.b-2026-03-10T00-00-00.000.log")]
    public void A_name_tells_when_the_file_was_put_aside(string file, string name)
    {
        Assert.Equal(name, LogBackups.NameFor(file, Now));
        Assert.Equal(Now, LogBackups.TimeOf(file, name));
        Assert.Equal(Now, LogBackups.TimeOf(file, name + ".gz"));
    }

    private static IEnumerable<string> Names(string days) => days.Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Select(day => $"audit-2026-03-{day[..2]}T00-00-00.000{day[2..]}");
}
