// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Controllers.Issuance.Reporting;

namespace Sealock.Commands;

/// <summary>Reports on Certificates, for people and for programs.</summary>
internal static class CertificatePage
{
    /// <summary>One Certificate in full.</summary>
    public static void Write(TextWriter output, CertificateReport report, DateTimeOffset now)
    {
        var terminal = Terminal.Current();
        output.WriteLine(terminal.Paint($"{report.Namespace}/{report.Name}", Terminal.Bold));
        Line("names", string.Join(", ", report.Names));
        Line("ready", Since(report.ReadySince, now) + (report.ReadyMessage.Length > 0 ? $", {report.ReadyReason}: {report.ReadyMessage}" : ""),
            terminal.Paint(Or(report.Ready, "not looked at yet"), report.Ready == "True" ? Terminal.Green : Terminal.Red));
        Line("issued", report.Revision == 0 ? "never" : $"revision {report.Revision}, valid {Time(report.NotBefore)} to {Time(report.NotAfter)}"
            + (report.NotAfter is { } end ? $" ({Span(end - now)})" : ""));
        Line("because", report.Cause);
        Line("secret", report.SecretName + (report.SecretProblem.Length > 0 ? $": {report.SecretProblem}" : ""));
        Line("issuer", $"{report.Issuer}: {report.IssuerState}");
        Line("request", report.Request.Length > 0 ? $"{report.Request}: {report.RequestState}" : "");
        Line("issuing", report.Issuing);
        Line("failed", report.FailedAttempts > 0 ? $"{report.FailedAttempts} times since it was issued last" : "");
        Line("served", report.Served);
        Line("next", Next(report, now) + (report.NextReason.Length > 0 ? $": {report.NextReason}" : ""));
        foreach (var told in report.Events)
        {
            Line(told == report.Events[0] ? "events" : "", $"{Time(told.Time)} {told.Reason}: {told.Message}"
                + (told.Count > 1 ? $" ({told.Count} times)" : ""));
        }

        void Line(string name, string value, string painted = "")
        {
            if (value.Length + painted.Length > 0)
                output.WriteLine($"  {name.PadRight(8)} {painted}{Printable.Of(value)}");
        }
    }

    /// <summary>Many Certificates, a line each.</summary>
    public static void WriteTable(
        TextWriter output, IReadOnlyList<CertificateReport> reports, bool withNamespace, DateTimeOffset now, Terminal terminal)
    {
        var table = withNamespace
            ? new TextTable("NAMESPACE", "NAME", "READY", "EXPIRES", "NEXT", "WHY")
            : new TextTable("NAME", "READY", "EXPIRES", "NEXT", "WHY");
        foreach (var report in reports)
        {
            string[] cells =
            [
                report.Name, Or(report.Ready, "-"), report.NotAfter is { } end ? Span(end - now) : "-", ShortNext(report, now), Printable.Of(Why(report)),
            ];
            table.Add(withNamespace ? [report.Namespace, .. cells] : cells);
        }

        table.Write(output, terminal);
    }

    /// <summary>What holds it up, or is to be known of what comes; else why what stands was issued.</summary>
    private static string Why(CertificateReport report) => report.Next switch
    {
        "retry" when report.Issuing.Length > 0 => report.Issuing,
        "retry" or "wait" or "refused" or "issue" or "restore" => Or(report.NextReason, report.ReadyMessage),
        _ => report.Ready != "True" ? report.ReadyMessage : Or(report.NextReason, report.Cause),
    };

    /// <summary>One Certificate for programs; times in RFC 3339.</summary>
    public static JsonObject Document(CertificateReport report) => new()
    {
        ["namespace"] = report.Namespace,
        ["name"] = report.Name,
        ["names"] = new JsonArray([.. report.Names.Select(name => (JsonNode)name)]),
        ["ready"] = new JsonObject
        {
            ["status"] = report.Ready,
            ["reason"] = report.ReadyReason,
            ["message"] = report.ReadyMessage,
            ["since"] = Rfc3339(report.ReadySince),
        },
        ["revision"] = report.Revision,
        ["cause"] = report.Cause,
        ["notBefore"] = Rfc3339(report.NotBefore),
        ["notAfter"] = Rfc3339(report.NotAfter),
        ["secret"] = new JsonObject { ["name"] = report.SecretName, ["problem"] = report.SecretProblem },
        ["issuer"] = new JsonObject { ["reference"] = report.Issuer, ["state"] = report.IssuerState },
        ["request"] = new JsonObject { ["name"] = report.Request, ["state"] = report.RequestState },
        ["issuing"] = report.Issuing,
        ["failedAttempts"] = report.FailedAttempts,
        ["served"] = report.Served,
        ["next"] = new JsonObject { ["action"] = report.Next, ["time"] = Rfc3339(report.NextTime), ["reason"] = report.NextReason },
        ["events"] = new JsonArray([.. report.Events.Select(told => (JsonNode)new JsonObject
        {
            ["time"] = Rfc3339(told.Time),
            ["type"] = told.Type,
            ["reason"] = told.Reason,
            ["message"] = told.Message,
            ["count"] = told.Count,
        })]),
    };

    private static string Next(CertificateReport report, DateTimeOffset now) => report.NextTime is { } time
        ? $"{report.Next} at {Time(time)} (in {Span(time - now)})"
        : report.Next switch { "issue" or "restore" => $"{report.Next} now", var other => other };

    private static string ShortNext(CertificateReport report, DateTimeOffset now) => report.NextTime switch
    {
        { } time when time > now => $"{report.Next} in {Span(time - now)}",
        { } => $"{report.Next} now",
        _ => Next(report, now),
    };

    private static string Since(DateTimeOffset? time, DateTimeOffset now) => time is { } since ? $" for {Span(now - since)}" : "";

    private static string Or(string text, string otherwise) => text.Length > 0 ? text : otherwise;

    private static string Time(DateTimeOffset? time) =>
        time is { } value ? value.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture) : "-";

    private static string? Rfc3339(DateTimeOffset? time) =>
        time is { } value ? value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture) : null;

    private static string Span(TimeSpan span) => span switch
    {
        { Ticks: < 0 } => "past",
        { TotalDays: >= 2 } => $"{(int)span.TotalDays} days",
        { TotalHours: >= 2 } => $"{(int)span.TotalHours} h",
        { TotalMinutes: >= 2 } => $"{(int)span.TotalMinutes} min",
        _ => $"{(int)span.TotalSeconds} s",
    };
}
