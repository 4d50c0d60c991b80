// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Backups;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary><c>sealock backup</c>.</summary>
internal static class BackupCommand
{
    public static Command Create()
    {
        var file = new Argument<string>("file") { Description = "file to write; it must not exist" };
        var data = CommonOptions.Data();
        var passphrase = CommonOptions.PassphraseFile();
        var command = new ExampleCommand(
            "backup",
            "Copy the data folder (store, CA key, encryption keys) into one file, also while the server runs",
            "sealock backup cluster.backup",
            "sealock backup cluster.backup --passphrase-file ~/.backup-passphrase")
        {
            file, data, passphrase,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var path = result.GetRequiredValue(file);
            var secret = CommonOptions.ReadPassphrase(result.GetValue(passphrase));
            var revision = await BackupArchive.WriteAsync(
                new DataFolder(Path.GetFullPath(result.GetRequiredValue(data))), path, secret, cancellationToken);
            var output = result.InvocationConfiguration.Output;
            output.WriteLine($"{path}: everything up to revision {revision}, {new FileInfo(path).Length / 1024} KiB");
            if (secret is null)
                output.WriteLine("It holds private keys in the clear. Keep it safe, or use --passphrase-file.");
            return 0;
        });
        return command;
    }
}
