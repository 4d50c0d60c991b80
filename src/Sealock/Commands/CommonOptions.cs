// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Hosting;

namespace Sealock.Commands;

/// <summary>Options that several commands share.</summary>
internal static class CommonOptions
{
    public static Option<string> Data()
    {
        var data = new Option<string>("--data")
        {
            Description = "data folder of the server",
            HelpName = "DIR",
            DefaultValueFactory = _ => DataFolder.Default,
        };
        data.Validators.Add(result =>
        {
            if (string.IsNullOrWhiteSpace(result.GetValueOrDefault<string>()))
                result.AddError("--data: name a folder, such as ./cluster");
        });
        return data;
    }

    public static Option<string> PassphraseFile() => new("--passphrase-file")
    {
        Description = "file whose first line is the passphrase; - reads it from standard input",
        HelpName = "FILE",
    };

    /// <summary>The first line of the passphrase file; null where none was named.</summary>
    /// <exception cref="CommandException">It cannot be read or is empty.</exception>
    public static string? ReadPassphrase(string? file)
    {
        if (file is null)
            return null;
        try
        {
            var line = file == "-" ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault();
            return line is { Length: > 0 } ? line : throw new CommandException($"--passphrase-file: {file} is empty", 2);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--passphrase-file: {PemFiles.Fault(file, error)}", 2);
        }
    }
}
