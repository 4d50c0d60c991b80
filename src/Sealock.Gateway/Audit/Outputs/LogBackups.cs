// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Gateway.Audit.Outputs;

/// <summary>What is to be done with log files that were put aside.</summary>
/// <param name="Remove">Names of files to delete.</param>
/// <param name="Compress">Names of files to compress.</param>
internal sealed record BackupPlan(IReadOnlyList<string> Remove, IReadOnlyList<string> Compress);

/// <summary>
/// Names of log files that were put aside, as kube-apiserver forms them: <c>audit-2026-03-01T12-00-00.000.log</c> beside
/// <c>audit.log</c>, and <c>.gz</c> behind it once it is compressed.
/// </summary>
internal static class LogBackups
{
    /// <summary>What a compressed file ends in.</summary>
    public const string Compressed = ".gz";

    /// <summary>What a file ends in while it is being compressed.</summary>
    public const string Partial = ".gz.partial";

    private const string TimeFormat = "yyyy-MM-dd'T'HH-mm-ss.fff";

    /// <summary>The name under which a file is put aside.</summary>
    public static string NameFor(string fileName, DateTimeOffset time) =>
        $"{Path.GetFileNameWithoutExtension(fileName)}-{time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture)}"
            + Path.GetExtension(fileName);

    /// <summary>When a file was put aside; null for any other file.</summary>
    public static DateTimeOffset? TimeOf(string fileName, string candidate)
    {
        var (start, end) = (Path.GetFileNameWithoutExtension(fileName) + "-", Path.GetExtension(fileName));
        var name = candidate.EndsWith(Compressed, StringComparison.Ordinal) ? candidate[..^Compressed.Length] : candidate;
        return name.Length == start.Length + TimeFormat.Length - 2 + end.Length
            && name.StartsWith(start, StringComparison.Ordinal)
            && name.EndsWith(end, StringComparison.Ordinal)
            && DateTimeOffset.TryParseExact(
                name.AsSpan(start.Length, name.Length - start.Length - end.Length), TimeFormat, CultureInfo.InvariantCulture,
                DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : null;
    }

    /// <summary>What is to be done with what stands in the log's folder.</summary>
    public static BackupPlan Plan(AuditLogOptions options, IEnumerable<string> names, DateTimeOffset now)
    {
        var file = Path.GetFileName(options.Path);
        var all = names.ToList();
        var backups = all.Select(name => (Name: name, Time: TimeOf(file, name)))
            .Where(backup => backup.Time is not null)
            .GroupBy(backup => backup.Time!.Value, backup => backup.Name)
            .OrderByDescending(backup => backup.Key).ToList();
        var kept = backups
            .Where((backup, i) => (options.MaxBackups == 0 || i < options.MaxBackups)
                && (options.MaxAge == TimeSpan.Zero || backup.Key >= now - options.MaxAge))
            .ToList();
        var compress = options.Compress
            ? kept.SelectMany(backup => backup.Where(name => !name.EndsWith(Compressed, StringComparison.Ordinal))).ToList()
            : [];
        // What a compression left behind that did not come to its end.
        var broken = all.Where(name => name.EndsWith(Partial, StringComparison.Ordinal)
            && TimeOf(file, name[..^Partial.Length]) is not null);
        return new BackupPlan([.. backups.Except(kept).SelectMany(backup => backup), .. broken], compress);
    }
}
