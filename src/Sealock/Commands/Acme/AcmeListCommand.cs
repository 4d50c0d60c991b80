// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Acme.Keeping;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme list</c>: what is kept, from the files alone.</summary>
internal static class AcmeListCommand
{
    public static Command Create()
    {
        var directory = ServerOptions.DirectoryOption();
        var format = OutputFormat.Option();
        var command = new ExampleCommand(
            "list",
            "List the certificates that are kept: until when they are valid, when they are due, and what failed",
            "sealock acme list --dir /etc/sealock/acme",
            "sealock acme list -o json")
        {
            directory, format,
        };
        command.SetAction(result =>
        {
            var home = Path.GetFullPath(result.GetRequiredValue(directory));
            var rows = KeptCertificate.List(home).Select(kept => (Kept: kept, Status: Read(kept))).ToList();
            var output = result.InvocationConfiguration.Output;
            if (result.GetRequiredValue(format) is var shape && shape != "table")
            {
                OutputFormat.Write(output, shape, new JsonObject { ["certificates"] = new JsonArray([.. rows.Select(row => Document(row.Kept, row.Status))]) });
                return;
            }

            if (rows.Count == 0)
            {
                output.WriteLine($"no certificate is kept in {home}");
                return;
            }

            var now = TimeProvider.System.GetUtcNow();
            var table = new TextTable("CERTIFICATE", "NAMES", "VALID UNTIL", "DUE", "STATE");
            foreach (var (kept, status) in rows)
            {
                table.Add(
                    kept.Name, Printable.Of(string.Join(' ', status.Names)), status.Leaf is { } leaf ? KeepPage.Time(leaf.NotAfter) : "-",
                    status.DueAt is { } due ? KeepPage.Time(due) : "-", Printable.Of(State(status, now)));
            }

            table.Write(output, Terminal.Current());
        });
        return command;
    }

    /// <summary>What is wrong with the files of one hides no other.</summary>
    private static KeptStatus Read(KeptCertificate kept)
    {
        try
        {
            return kept.Status;
        }
        catch (KeepingException error)
        {
            return new([], "", kept.Leaf, null, 1, error.Message, null);
        }
    }

    private static string State(KeptStatus status, DateTimeOffset now)
    {
        var there = status.Leaf is not { } leaf ? "none yet" : now >= leaf.NotAfter ? "expired" : now >= status.DueAt ? "due" : "valid";
        return status.LastFailure is null ? there
            : status.Failures == 0 ? $"{there}; not tried: {status.LastFailure}"
            : $"{there}; {KeepPage.Failed(status.Failures)}{(status.NextTry > now ? $", next try {KeepPage.Instant(status.NextTry.Value)}" : "")}: {status.LastFailure}";
    }

    private static JsonObject Document(KeptCertificate kept, KeptStatus status)
    {
        var document = new JsonObject
        {
            ["name"] = kept.Name,
            ["names"] = new JsonArray([.. status.Names.Select(name => JsonValue.Create(name))]),
            ["server"] = status.Server,
            ["folder"] = kept.Folder,
            ["failures"] = status.Failures,
        };
        if (status.Leaf is { } leaf)
        {
            document["serial"] = leaf.SerialNumber.ToString();
            document["notAfter"] = KeepPage.Rfc3339(leaf.NotAfter);
        }

        if (status.DueAt is { } due)
            document["dueAt"] = KeepPage.Rfc3339(due);
        if (status.LastFailure is { } failure)
            document["lastFailure"] = failure;
        if (status.NextTry is { } next)
            document["nextTry"] = KeepPage.Rfc3339(next);
        return document;
    }
}
