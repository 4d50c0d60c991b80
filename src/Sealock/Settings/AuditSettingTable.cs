// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Gateway.Audit;

namespace Sealock.Settings;

/// <summary>The settings of auditing: kube-apiserver's flags.</summary>
internal static class AuditSettingTable
{
    private const string Version = "audit.k8s.io/v1";
    private const int MaxEvents = 1_000_000;
    private const int MaxBytes = 1 << 30;

    public static IEnumerable<Setting> All { get; } =
    [
        new("audit-policy-file", "FILE", "what is audited (audit.k8s.io/v1 Policy); reloaded when it changes",
            (r, v) => { if (r.File(v) is { } f) Change(r, a => a with { PolicyFile = f }); }),
        new("audit-log-path", "FILE", "write audit events to this file; - for standard output", LogPath),
        new("audit-log-format", "FORMAT", "json (default) or legacy: one line of text for each event", LogFormat),
        new("audit-log-maxsize", "MB", "put the audit log aside when it has this size in megabytes (default 100)",
            (r, v) => Log(r, r.Integer(v, 0, 1_000_000), (log, n) => log with { MaxBytes = (n == 0 ? 100L : n) * 1024 * 1024 })),
        new("audit-log-maxbackup", "N", "keep so many old audit logs (default: all)",
            (r, v) => Log(r, r.Integer(v, 0, 1_000_000), (log, n) => log with { MaxBackups = n })),
        new("audit-log-maxage", "DAYS", "keep old audit logs for so many days (default: for ever)",
            (r, v) => Log(r, r.Integer(v, 0, 36_500), (log, n) => log with { MaxAge = TimeSpan.FromDays(n) })),
        new("audit-log-compress", "", "compress old audit logs",
            (r, v) => Log(r, r.Boolean(v), (log, on) => log with { Compress = on })),
        .. Queue("log", "blocking", (r, change) => Change(r, a => a with { Log = a.Log with { Queue = change(a.Log.Queue) } })),
        new("audit-log-batch-throttle-enable", "", "limit the batches that go to the audit log in a second",
            (r, v) => Set(r, r.Boolean(v), (a, on) => a with { LogThrottled = on })),
        new("audit-log-truncate-enabled", "", "shorten too large audit events in the log",
            (r, v) => Set(r, r.Boolean(v), (a, on) => a with { LogTruncated = on })),
        new("audit-webhook-config-file", "FILE", "post audit events to the server that this kubeconfig names",
            (r, v) => { if (r.File(v) is { } f) Change(r, a => a with { WebhookConfigFile = f }); }),
        new("audit-webhook-initial-backoff", "TIME", "wait before events are posted again (default 10s)", Backoff),
        new("audit-webhook-batch-initial-backoff", "TIME", "the same under its old name", Backoff),
        .. Queue("webhook", "batch", (r, change) => Change(r, a => a with { WebhookQueue = change(a.WebhookQueue) })),
        new("audit-webhook-batch-throttle-enable", "", "limit the batches that go to the webhook in a second (default true)",
            (r, v) => Set(r, r.Boolean(v), (a, on) => a with { WebhookThrottled = on })),
        new("audit-webhook-truncate-enabled", "", "shorten too large audit events for the webhook",
            (r, v) => Set(r, r.Boolean(v), (a, on) => a with { WebhookTruncated = on })),
    ];

    /// <summary>The settings that the log and the webhook both have.</summary>
    private static IEnumerable<Setting> Queue(
        string output, string mode, Action<SettingsReader, Func<AuditQueueOptions, AuditQueueOptions>> apply)
    {
        void Number(SettingsReader reader, int? value, Func<AuditQueueOptions, int, AuditQueueOptions> change)
        {
            if (value is { } number)
                apply(reader, queue => change(queue, number));
        }

        var batch = $"audit-{output}-batch-";
        var truncate = $"audit-{output}-truncate-";
        yield return new($"audit-{output}-mode", "MODE",
            $"batch, blocking or blocking-strict: whether requests wait for the audit {output} (default {mode})",
            (r, v) => { if (Mode(r, v) is { } m) apply(r, queue => queue with { Mode = m }); });
        yield return new(batch + "buffer-size", "N", "audit events that wait at most (default 10000)",
            (r, v) => Number(r, r.Integer(v, 1, MaxEvents), (queue, n) => queue with { BufferSize = n }));
        yield return new(batch + "max-size", "N", "audit events in a batch at most (default 400)",
            (r, v) => Number(r, r.Integer(v, 1, MaxEvents), (queue, n) => queue with { MaxBatchSize = n }));
        yield return new(batch + "max-wait", "TIME", "how long a batch of audit events waits to become full",
            (r, v) =>
            {
                if (r.Duration(v, TimeSpan.Zero, TimeSpan.FromHours(1)) is { } wait)
                    apply(r, queue => queue with { MaxBatchWait = wait });
            });
        yield return new(batch + "throttle-qps", "N", "batches of audit events in a second at most (default 10)",
            (r, v) => { if (Rate(r, v) is { } rate) apply(r, queue => queue with { BatchesPerSecond = rate }); });
        yield return new(batch + "throttle-burst", "N", "batches of audit events at once (default 15)",
            (r, v) => Number(r, r.Integer(v, 1, MaxEvents), (queue, n) => queue with { BatchBurst = n }));
        yield return new(truncate + "max-event-size", "BYTES", "size from which an audit event is too large (default 102400)",
            (r, v) => Number(r, r.Integer(v, 1, MaxBytes), (queue, n) => queue with { MaxEventBytes = n }));
        yield return new(truncate + "max-batch-size", "BYTES", "size of a batch of audit events at most (default 10485760)",
            (r, v) => Number(r, r.Integer(v, 1, MaxBytes), (queue, n) => queue with { MaxBatchBytes = n }));
        yield return new($"audit-{output}-version", "VERSION", $"version of audit events: {Version}", (r, v) =>
        {
            if (v != Version)
                r.Mistake($"\"{v}\" is not offered; leave it out, or give {Version}");
        });
    }

    private static void LogPath(SettingsReader reader, string value)
    {
        if (value.Length == 0)
            reader.Mistake("names no file; give a path, or - for standard output");
        else if (Directory.Exists(value))
            reader.Mistake($"{value} is a directory; give a file");
        else
            Change(reader, audit => audit with { LogPath = value });
    }

    private static void LogFormat(SettingsReader reader, string value)
    {
        if (value is "json" or "legacy")
            Log<AuditLogFormat>(reader, value == "json" ? AuditLogFormat.Json : AuditLogFormat.Legacy, (log, format) => log with { Format = format });
        else
            reader.Mistake($"\"{value}\" is no format; use json or legacy");
    }

    private static AuditMode? Mode(SettingsReader reader, string value)
    {
        switch (value)
        {
            case "batch":
                return AuditMode.Batch;
            case "blocking":
                return AuditMode.Blocking;
            case "blocking-strict":
                return AuditMode.BlockingStrict;
            default:
                reader.Mistake($"\"{value}\" is no mode; use batch, blocking or blocking-strict");
                return null;
        }
    }

    private static void Backoff(SettingsReader reader, string value)
    {
        if (reader.Duration(value, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)) is { } wait)
            Change(reader, audit => audit with { WebhookInitialBackoff = wait });
    }

    private static double? Rate(SettingsReader reader, string value)
    {
        if (double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var rate)
            && rate is >= 0.001 and <= 1_000_000)
            return rate;
        reader.Mistake($"\"{value}\" is not a number from 0.001 to 1000000");
        return null;
    }

    private static void Log<T>(SettingsReader reader, T? value, Func<AuditLogOptions, T, AuditLogOptions> change)
        where T : struct
    {
        if (value is { } given)
            Change(reader, audit => audit with { Log = change(audit.Log, given) });
    }

    private static void Set(SettingsReader reader, bool? value, Func<AuditSettings, bool, AuditSettings> change)
    {
        if (value is { } given)
            Change(reader, audit => change(audit, given));
    }

    private static void Change(SettingsReader reader, Func<AuditSettings, AuditSettings> change) =>
        reader.Settings = reader.Settings with { Audit = change(reader.Settings.Audit) };
}
