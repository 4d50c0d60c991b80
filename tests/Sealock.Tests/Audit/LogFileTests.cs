// SPDX-License-Identifier: Apache-2.0
using System.IO.Compression;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Events;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Tests.Support;

namespace Sealock.Tests.Audit;

public sealed class LogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sealock-audit-");
    private readonly FakeTimeProvider _clock = new();

    private string LogPath => Path.Combine(_folder.FullName, "audit.log");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Lines_are_appended_to_what_is_there()
    {
        await File.WriteAllTextAsync(LogPath, "old\n");
        using (var log = Open())
            Assert.True(await WriteAsync(log, "one", "two"));
        using (var log = Open())
            Assert.True(await WriteAsync(log, "three"));
        Assert.Equal("old\none\ntwo\nthree\n", await File.ReadAllTextAsync(LogPath));
    }

    [Fact]
    public async Task A_new_file_and_its_folder_are_the_owners_alone()
    {
        var path = Path.Combine(_folder.FullName, "new", "audit.log");
        using (var log = new LogFile(new AuditLogOptions { Path = path }, _clock, NullLogger.Instance))
            Assert.True(await WriteAsync(log, "one"));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task A_line_left_half_written_by_a_crash_does_not_swallow_the_next()
    {
        await File.WriteAllTextAsync(LogPath, "whole\nhal");
        using (var log = Open())
            Assert.True(await WriteAsync(log, "one"));
        Assert.Equal("whole\nhal\none\n", await File.ReadAllTextAsync(LogPath));
    }

    [Fact]
    public async Task A_full_file_is_put_aside_under_the_time_and_none_is_overwritten()
    {
        using (var log = Open(maxBytes: 10))
        {
            Assert.True(await WriteAsync(log, "12345678"));
            Assert.True(await WriteAsync(log, "a"));
            Assert.True(await WriteAsync(log, "12345678"));
            Assert.True(await WriteAsync(log, "a line that is longer than a file may be"));
            await log.Idle;
        }

        Assert.Equal(
            ["audit-2026-03-01T12-00-00.000.log", "audit-2026-03-01T12-00-00.001.log", "audit-2026-03-01T12-00-00.002.log", "audit.log"],
            Names());
        Assert.Equal("12345678\n", Text("audit-2026-03-01T12-00-00.000.log"));
        Assert.Equal("a\n", Text("audit-2026-03-01T12-00-00.001.log"));
        Assert.Equal("a line that is longer than a file may be\n", Text("audit.log"));
    }

    [Fact]
    public async Task Files_put_aside_are_compressed_and_at_most_so_many_are_kept()
    {
        using (var log = new LogFile(
            new AuditLogOptions { Path = LogPath, MaxBytes = 5, MaxBackups = 2, Compress = true }, _clock, NullLogger.Instance))
        {
            foreach (var line in new[] { "one", "two", "three", "four" })
            {
                Assert.True(await WriteAsync(log, line));
                _clock.Advance(TimeSpan.FromMinutes(1));
                await log.Idle;
            }
        }

        Assert.Equal(["audit-2026-03-01T12-02-00.000.log.gz", "audit-2026-03-01T12-03-00.000.log.gz", "audit.log"], Names());
        await using var gzip = new GZipStream(
            File.OpenRead(Path.Combine(_folder.FullName, "audit-2026-03-01T12-03-00.000.log.gz")), CompressionMode.Decompress);
        using var reader = new StreamReader(gzip);
        Assert.Equal("three\n", await reader.ReadToEndAsync());
        Assert.Equal("four\n", Text("audit.log"));
    }

    [Fact]
    public async Task A_full_disk_loses_events_and_nothing_else_and_the_log_goes_on_when_there_is_room()
    {
        // Whatever is written to this device fails as on a full disk.
        File.CreateSymbolicLink(LogPath, "/dev/full");
        using var log = Open();
        Assert.False(await WriteAsync(log, "lost"));
        Assert.False(await WriteAsync(log, "lost", "too"));
        File.Delete(LogPath);
        Assert.True(await WriteAsync(log, "kept"));
        Assert.Equal("kept\n", await File.ReadAllTextAsync(LogPath));
    }

    [Fact]
    public async Task A_folder_that_cannot_be_made_loses_events_and_nothing_else()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "file"), "");
        using var log = new LogFile(
            new AuditLogOptions { Path = Path.Combine(_folder.FullName, "file", "audit.log") }, _clock, NullLogger.Instance);
        Assert.False(await WriteAsync(log, "lost"));
    }

    [Fact]
    public async Task A_log_that_somebody_else_cuts_goes_on_at_its_new_end()
    {
        using var log = Open();
        Assert.True(await WriteAsync(log, "one"));
        await File.WriteAllTextAsync(LogPath, "");
        Assert.True(await WriteAsync(log, "two"));
        Assert.Equal("two\n", await File.ReadAllTextAsync(LogPath));
    }

    internal static AuditRecord Line(string text)
    {
        var record = new AuditRecord();
        var bytes = Encoding.UTF8.GetBytes(text + "\n");
        bytes.CopyTo(record.GetSpan(bytes.Length));
        record.Advance(bytes.Length);
        return record;
    }

    private static ValueTask<bool> WriteAsync(LogFile log, params string[] lines) =>
        log.WriteAsync([.. lines.Select(Line)], CancellationToken.None);

    private LogFile Open(long maxBytes = 1000) =>
        new(new AuditLogOptions { Path = LogPath, MaxBytes = maxBytes }, _clock, NullLogger.Instance);

    private IEnumerable<string> Names() =>
        _folder.EnumerateFiles().Select(file => file.Name).Order(StringComparer.Ordinal);

    private string Text(string name) => File.ReadAllText(Path.Combine(_folder.FullName, name));
}
