// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Backups;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary><c>sealock restore</c>.</summary>
internal static class RestoreCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "backup to read" };
        var data = CommonOptions.Data();
        var passphrase = CommonOptions.PassphraseFile();
        var command = new ExampleCommand(
            "restore",
            "Unpack a backup into a new data folder",
            "sealock restore cluster.backup --data /var/lib/sealock",
            "sealock restore cluster.backup --data ./copy --passphrase-file ~/.backup-passphrase")
        {
            file, data, passphrase,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var folder = new DataFolder(Path.GetFullPath(result.GetRequiredValue(data)));
            await BackupRestore.RestoreAsync(
                result.GetRequiredValue(file), folder, CommonOptions.ReadPassphrase(result.GetValue(passphrase)), cancellationToken);
            result.InvocationConfiguration.Output.WriteLine($"{folder.Path} is restored. Start it: sealock up --data {folder.Path}");
            return 0;
        });
        return command;
    }
}
