// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Sets;

namespace Sealock.Commands.Pki;

/// <summary>The options by which commands find a cluster's configuration: <c>--dir</c> or <c>--config</c>.</summary>
internal sealed class ConfigurationOptions
{
    private const long MaxBytes = 16 * 1024 * 1024;

    public Option<string> Directory { get; } = new("--dir")
    {
        Description = "folder of the cluster's set, as sealock pki init made it",
        HelpName = "DIR",
    };

    public Option<string> Config { get; } = new("--config")
    {
        Description = "the cluster's configuration, where there is no set (yet)",
        HelpName = "FILE",
    };

    public void AddTo(Command command)
    {
        command.Options.Add(Directory);
        command.Options.Add(Config);
    }

    /// <summary>Reads the configuration of the set or file named on the command line.</summary>
    /// <exception cref="CommandException">None or both were named, or the file cannot be read; every mistake in it is told.</exception>
    public ClusterConfiguration Read(ParseResult result)
    {
        var (directory, config) = (result.GetValue(Directory), result.GetValue(Config));
        return (directory, config) switch
        {
            (null, null) => throw new CommandException("name the cluster: --dir DIR for a set, or --config FILE for a configuration alone", 2),
            ({ }, { }) => throw new CommandException("--dir and --config exclude each other: a set has its configuration in it", 2),
            (null, { } file) => ReadFile("--config", file),
            ({ } folder, null) => ReadFile("--dir", new SetFolder(folder).ConfigurationFile),
        };
    }

    /// <summary>The text of a configuration.</summary>
    /// <exception cref="CommandException">The file cannot be read.</exception>
    public static string ReadText(string option, string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
                throw new CommandException($"{option}: {path} is larger than {MaxBytes >> 20} MiB; that is no cluster's configuration", 2);
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{option}: {error.Message.TrimEnd('.')}. sealock pki init --help tells how a set is made.", 2);
        }
    }

    /// <summary>The configuration in a text.</summary>
    /// <exception cref="CommandException">Every mistake in it is told.</exception>
    public static ClusterConfiguration Parse(string path, string text)
    {
        var (configuration, mistakes) = ConfigurationReader.Read(text);
        return configuration ?? throw CommandException.Usage([.. mistakes.Select(mistake => $"{path}: {mistake}")]);
    }

    private static ClusterConfiguration ReadFile(string option, string path) => Parse(path, ReadText(option, path));
}
