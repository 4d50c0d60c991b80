// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Acme.Keeping;
using Sealock.Api.Yaml;

namespace Sealock.Commands.Acme;

/// <summary>What <c>issue</c> and <c>renew</c> print.</summary>
internal static class KeepPage
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    /// <summary>The exit code of outcomes: 0 where every certificate is there and not due.</summary>
    public static int ExitCode(IEnumerable<KeepOutcome> outcomes) =>
        outcomes.Any(outcome => outcome is KeepOutcome.Failed or KeepOutcome.Due or KeepOutcome.Limited or KeepOutcome.Waiting or KeepOutcome.Issued { Problems.Count: > 0 }) ? 1 : 0;

    public static void Write(TextWriter output, string format, IReadOnlyList<(KeptCertificate Kept, KeepOutcome Outcome)> rows)
    {
        if (format != "table")
        {
            var document = new JsonArray([.. rows.Select(row => Document(row.Kept, row.Outcome))]);
            output.WriteLine(format == "yaml" ? YamlWriter.WriteInOrder(document).TrimEnd() : document.ToJsonString(Indented));
            return;
        }

        foreach (var (kept, outcome) in rows)
            output.WriteLine(Printable.Of(Line(kept, outcome)));
    }

    private static string Line(KeptCertificate kept, KeepOutcome outcome) => outcome switch
    {
        KeepOutcome.Kept still => $"{kept.Name}: valid until {Time(still.Certificate.NotAfter)}, due {Time(still.DueAt)}{(still.Explanation is { } why ? $" ({why})" : "")}; nothing to do",
        KeepOutcome.Due due => $"{kept.Name}: due, because {due.Reason}",
        KeepOutcome.Issued issued =>
            $"{kept.Name}: issued, because {issued.Reason}; valid until {Time(issued.Certificate.NotAfter)}: {Path.Combine(kept.Folder, KeptCertificate.ChainFile)}"
            + string.Concat(issued.Problems.Select(problem => $"; but {problem}")),
        KeepOutcome.Limited limited => $"{kept.Name}: not issued: {limited.Message}{(limited.Until is { } until ? $"; next try {Instant(until)}" : "")}",
        KeepOutcome.Waiting waiting =>
            $"{kept.Name}: skipped until {Instant(waiting.Until)}, for it {Failed(waiting.Failures)} (--force tries at once): {waiting.Message}",
        KeepOutcome.Failed failed => $"{kept.Name}: not issued: {failed.Message}{(failed.NextTry is { } next ? $"; renew tries again after {Instant(next)}" : "")}",
        _ => kept.Name,
    };

    private static JsonObject Document(KeptCertificate kept, KeepOutcome outcome)
    {
        var certificate = (outcome as KeepOutcome.Kept)?.Certificate ?? (outcome as KeepOutcome.Issued)?.Certificate ?? kept.Leaf;
        var document = new JsonObject
        {
            ["name"] = kept.Name,
            ["result"] = outcome switch
            {
                KeepOutcome.Kept => "kept",
                KeepOutcome.Due => "due",
                KeepOutcome.Issued => "issued",
                KeepOutcome.Limited => "limited",
                KeepOutcome.Waiting => "waiting",
                _ => "failed",
            },
            ["reason"] = outcome switch
            {
                KeepOutcome.Due due => due.Reason,
                KeepOutcome.Issued issued => issued.Reason,
                KeepOutcome.Limited limited => limited.Message,
                KeepOutcome.Waiting waiting => waiting.Message,
                KeepOutcome.Failed failed => failed.Message,
                _ => null,
            },
            ["notAfter"] = certificate is null ? null : Rfc3339(certificate.NotAfter),
            ["serial"] = certificate?.SerialNumber.ToString(),
            ["dueAt"] = outcome is KeepOutcome.Kept { DueAt: var at } ? Rfc3339(at) : null,
            ["explanation"] = (outcome as KeepOutcome.Kept)?.Explanation,
            ["retryAt"] = outcome switch
            {
                KeepOutcome.Limited { Until: { } until } => Rfc3339(until),
                KeepOutcome.Waiting waiting => Rfc3339(waiting.Until),
                KeepOutcome.Failed { NextTry: { } next } => Rfc3339(next),
                _ => null,
            },
            ["problems"] = outcome is KeepOutcome.Issued { Problems: var problems } ? new JsonArray([.. problems.Select(problem => JsonValue.Create(problem))]) : null,
            ["certificate"] = certificate is null ? null : Path.Combine(kept.Folder, KeptCertificate.ChainFile),
            ["key"] = certificate is null ? null : Path.Combine(kept.Folder, KeptCertificate.KeyFile),
        };
        foreach (var name in document.Where(pair => pair.Value is null).Select(pair => pair.Key).ToList())
            document.Remove(name);
        return document;
    }

    /// <summary>How often something failed, in words.</summary>
    public static string Failed(int failures) => failures == 1 ? "failed" : $"failed {failures} times";

    /// <summary>An instant to the second.</summary>
    public static string Instant(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>An instant to the minute.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>An instant as RFC 3339 has it.</summary>
    public static string Rfc3339(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
