// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Objects;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Distributing;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Rotating;
using Sealock.Cluster.Sets;

namespace Sealock.Commands.Pki;

/// <summary>The options of commands that change certificates of a set and see to it that nodes use them.</summary>
internal sealed class NodeWorkOptions
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private readonly Option<string> _directory = new("--dir")
    {
        Description = "folder of the cluster's set, as sealock pki init made it",
        HelpName = "DIR",
        DefaultValueFactory = _ => ".",
    };

    private readonly Option<string> _authorities = new("--ca-dir") { Description = "folder of the CAs, where they are kept apart (default: ca in the set)", HelpName = "DIR" };
    private readonly Option<string> _passphrase = CommonOptions.PassphraseFile();
    private readonly Option<string[]> _endpoints = new("--endpoint") { Description = "ask NODE/NAME there instead of at the node's address; none: do not ask it; repeatable", HelpName = "NODE/NAME=HOST:PORT|none" };
    private readonly Option<bool> _offline = new("--offline") { Description = "ask no endpoint: what was told or done by hand is taken as done" };
    private readonly Option<string> _wait = new("--wait") { Description = "how long an endpoint may take until it shows what is new", HelpName = "TIME", DefaultValueFactory = _ => "60s" };
    private readonly Option<string> _reload = new("--reload-command")
    {
        Description = "run by sh for each changed node, to bring it the files and make its programs take them; gets NODE, ADDRESS, NAME, FILES and FOLDER in its environment; may run twice",
        HelpName = "CMD",
    };

    private readonly Option<bool> _distribute = new("--distribute") { Description = "bring each changed node its files over ssh, as sealock pki distribute does, before the reload command" };
    private readonly LoginOptions _login = new("with --distribute: ");
    private readonly Option<bool> _reuse = new("--reuse-key") { Description = "keep the keys of certificates" };

    /// <summary>Adds what reading a set and asking its endpoints takes.</summary>
    public void AddReadingTo(Command command)
    {
        foreach (var option in new Option[] { _directory, _authorities, _endpoints, _offline, _passphrase })
            command.Options.Add(option);
    }

    /// <summary>Adds all.</summary>
    public void AddTo(Command command)
    {
        AddReadingTo(command);
        foreach (var option in new Option[] { _reload, _distribute, _wait, _reuse })
            command.Options.Add(option);
        _login.AddTo(command);
    }

    /// <summary>The set that the command is about.</summary>
    /// <exception cref="CommandException">There is none.</exception>
    public (SetFolder Folder, ClusterPlan Plan) ReadSet(ParseResult result)
    {
        var folder = new SetFolder(result.GetRequiredValue(_directory), result.GetValue(_authorities));
        var configuration = ConfigurationOptions.Parse(folder.ConfigurationFile, ConfigurationOptions.ReadText("--dir", folder.ConfigurationFile));
        return Directory.Exists(folder.Authorities)
            ? (folder, ClusterPlan.For(configuration))
            : throw new CommandException($"--ca-dir: there is no folder {folder.Authorities}; name the one that the CAs are kept in");
    }

    /// <summary>How to work, as the command line says.</summary>
    /// <param name="result">The command line.</param>
    /// <param name="folder">The set.</param>
    /// <param name="plan">The cluster.</param>
    /// <param name="mistakes">Takes what is wrong; the caller tells all at once.</param>
    public RotationOptions Read(ParseResult result, SetFolder folder, ClusterPlan plan, List<string> mistakes)
    {
        var (endpoints, wrong) = EndpointTable.Of(plan, result.GetValue(_endpoints) ?? []);
        mistakes.AddRange(wrong);
        var wait = TimeSpan.FromSeconds(60);
        if (result.CommandResult.Command.Options.Contains(_wait)
            && (!GoDuration.TryParse(result.GetRequiredValue(_wait), out wait) || wait > LongestWait))
            mistakes.Add("--wait: give a time such as 60s, at most 1h");
        var changes = result.CommandResult.Command.Options.Contains(_reload);
        var error = result.InvocationConfiguration.Error;
        return new()
        {
            Endpoints = result.GetValue(_offline) ? [] : endpoints,
            Wait = wait,
            Reload = changes && result.GetValue(_reload) is { } command ? new ReloadCommand(command) : null,
            Distribute = changes && result.GetValue(_distribute) ? Shipping(result, folder, plan, mistakes) : null,
            ReuseKeys = changes && result.GetValue(_reuse),
            Passphrase = CommonOptions.ReadPassphrase(result.GetValue(_passphrase)),
            Progress = line =>
            {
                lock (error)
                    error.WriteLine(line);
            },
        };
    }

    private Func<ClusterNode, CancellationToken, Task<string?>> Shipping(ParseResult result, SetFolder folder, ClusterPlan plan, List<string> mistakes)
    {
        var shipments = new SetShipments(plan, folder, _login.Read(result, mistakes));
        return async (node, cancellationToken) =>
        {
            var (shipment, mistake) = shipments.Read(node);
            if (shipment is null)
                return mistake;
            var results = await Distribution.RunAsync([shipment], new(), _ => { }, TimeProvider.System, cancellationToken);
            return results[0].Failure;
        };
    }
}
