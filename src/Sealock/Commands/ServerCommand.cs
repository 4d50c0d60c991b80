// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Yaml;
using Sealock.Hosting;
using Sealock.Settings;

namespace Sealock.Commands;

/// <summary><c>sealock server</c>: kube-apiserver's and kube-controller-manager's flags, or a file.</summary>
internal static class ServerCommand
{
    public static Command Create()
    {
        var command = new ExampleCommand(
            "server",
            "Serve, with the flags of kube-apiserver and kube-controller-manager",
            "sealock server --client-ca-file=ca.crt --tls-cert-file=server.crt --tls-private-key-file=server.key",
            "sealock server --listen 0.0.0.0:6443 --listen 0.0.0.0:443 --data /var/lib/sealock",
            "sealock server --config /etc/sealock/server.yaml")
        {
            TreatUnmatchedTokensAsErrors = false,
        };

        // The options are there for help and completion; FlagReader reads the command line, as Go does.
        command.Options.Add(new Option<string>("--config")
        {
            Description = "read settings from a file: the flags' names in camelCase; flags win",
            HelpName = "FILE",
        });
        foreach (var setting in ServerSettingTable.All)
            command.Options.Add(setting.Option());

        command.SetAction((result, cancellationToken) =>
        {
            var (settings, warnings) = Read([.. Environment.GetCommandLineArgs().SkipWhile(a => a != command.Name).Skip(1)]);
            foreach (var warning in warnings)
                Console.Error.WriteLine("warning: " + warning);
            return ServeAsync(settings, result, cancellationToken);
        });
        return command;
    }

    /// <summary>Reads flags and file; all mistakes at once.</summary>
    /// <exception cref="CommandException">There are mistakes.</exception>
    internal static (ServerSettings Settings, IReadOnlyList<string> Warnings) Read(IReadOnlyList<string> arguments)
    {
        var flags = new SettingsReader();
        var configFile = FlagReader.Read(flags, arguments);
        var reader = flags;
        if (configFile is not null)
        {
            // The file first, then the flags once more: what is given twice is taken from the flags.
            reader = new SettingsReader();
            ReadFile(reader, configFile);
            FlagReader.Read(reader, arguments);
        }

        var settings = reader.Finish(DataFolder.Default);
        SettingsCheck.Files(settings, reader);
        if (reader.Mistakes.Count > 0)
            throw CommandException.Usage(reader.Mistakes);
        if (configFile is not null)
            settings = settings with { Origin = new SettingsOrigin(configFile, reader.Given, () => Read(arguments).Settings) };
        return (settings, reader.Warnings);
    }

    private static void ReadFile(SettingsReader reader, string path)
    {
        try
        {
            if (YamlReader.TryRead(File.ReadAllText(path), out var document, out var refusal))
                SettingsFile.Read(reader, path, document);
            else
                reader.Mistakes.Add($"{path}: {refusal}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reader.Mistakes.Add($"--config: {PemFiles.Fault(path, error)}");
        }
    }

    private static async Task<int> ServeAsync(ServerSettings settings, ParseResult result, CancellationToken cancellationToken)
    {
        await ServerRun.ServeAsync(settings, result.InvocationConfiguration.Output, cancellationToken);
        return 0;
    }
}
