// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Encryption;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary><c>sealock encryption</c>: the keys that Secrets are encrypted with at rest.</summary>
internal static class EncryptionCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create() =>
        new ExampleCommand("encryption", "Keys that Secrets are encrypted with at rest", "sealock encryption list") { List(), Rotate() };

    private static ExampleCommand List()
    {
        var data = CommonOptions.Data();
        var output = OutputFormat.Option();
        var command = new ExampleCommand(
            "list",
            "List the encryption keys of a stopped server and how many values each seals; never the keys themselves",
            "sealock encryption list",
            "sealock encryption list --data /var/lib/sealock -o json")
        {
            data, output,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = Folder(result.GetRequiredValue(data));
            await using var rotation = await KeyRotation.OpenAsync(folder, cancellationToken);
            var counts = await rotation.CountAsync(cancellationToken);
            Write(result.InvocationConfiguration.Output, result.GetRequiredValue(output), rotation, counts);
            return 0;
        });
        return command;
    }

    private static ExampleCommand Rotate()
    {
        var data = CommonOptions.Data();
        var command = new ExampleCommand(
            "rotate",
            "Encrypt everything under a new key and drop the old one. The server has to be stopped. History is dropped "
                + "with the old key, so clients list again; backups taken before hold the old key themselves. It may be "
                + "interrupted: run again, it goes on where it was.",
            "systemctl stop sealock && sealock encryption rotate --data /var/lib/sealock && systemctl start sealock")
        {
            data,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = Folder(result.GetRequiredValue(data));
            await using var rotation = await KeyRotation.OpenAsync(folder, cancellationToken);
            var output = result.InvocationConfiguration.Output;
            if (rotation.Keys.Keys.Length > 1)
                output.WriteLine("An earlier rotation was interrupted; it is finished first.");
            var (written, dropped) = await rotation.RotateAsync(TimeProvider.System, cancellationToken);
            output.WriteLine(
                $"Key {rotation.Keys.WriteKey.Id} is in use: {written} values encrypted anew, dropped {string.Join(", ", dropped)}.");
            return 0;
        });
        return command;
    }

    private static DataFolder Folder(string path) => new(Path.GetFullPath(path));

    private static void Write(
        TextWriter output, string format, KeyRotation rotation, IReadOnlyDictionary<string, long> counts)
    {
        var keys = rotation.Keys.Keys.Select(key => (
            key.Id,
            Created: key.Created.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture),
            Use: key == rotation.Keys.WriteKey ? "writes" : "reads",
            Values: counts.GetValueOrDefault(key.Id))).ToList();
        if (format == "table")
        {
            output.WriteLine($"{"ID",-34}{"CREATED",-22}{"USE",-8}VALUES");
            foreach (var key in keys)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture, $"{key.Id,-34}{key.Created,-22}{key.Use,-8}{key.Values}"));
            }

            return;
        }

        var list = new JsonArray([.. keys.Select(key => new JsonObject
        {
            ["id"] = key.Id,
            ["created"] = key.Created,
            ["use"] = key.Use,
            ["values"] = key.Values,
        })]);
        output.WriteLine(format == "yaml" ? YamlWriter.Write(list).TrimEnd() : list.ToJsonString(Indented));
    }
}
