// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Importing;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki;
using Sealock.Pki.Files;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki init</c>: makes a cluster's certificate set, or completes one.</summary>
internal static class InitCommand
{
    private static readonly ClusterFlags Flags = new();
    private static readonly Option<string> Config = new("--config") { Description = "the cluster's configuration (default: DIR/cluster.yaml, where it is there)", HelpName = "FILE" };
    private static readonly Option<string> Out = new("--out", "--dir") { Description = "folder of the set", HelpName = "DIR", DefaultValueFactory = _ => "cluster" };
    private static readonly Option<string> CaDir = new("--ca-dir") { Description = "keep CAs and their keys in another folder; they are put on no node", HelpName = "DIR" };
    private static readonly Option<string> CaPassphrase = new("--ca-passphrase-file")
    {
        Description = "file whose first line is the passphrase of CA keys (- for standard input); they are put on no node",
        HelpName = "FILE",
    };
    private static readonly Option<bool> External = new("--external-ca") { Description = "somebody else signs: make keys and requests for the CA certificates in the set's ca folder" };
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "show what would be done, and write nothing" };
    private static readonly Option<string> Output = OutputFormat.Option();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "init",
            "Make every certificate, key and kubeconfig of a cluster, or complete what is there",
            "sealock pki init --out cluster --node master1=10.0.0.1",
            "sealock pki init --out cluster --endpoint api.example.com --node master1=10.0.0.1 --node master2=10.0.0.2 --node master3=10.0.0.3 --worker worker1=10.0.0.11",
            "sealock pki init --config cluster.yaml --out cluster --dry-run")
        {
            Config, Out, CaDir, CaPassphrase, External, DryRun, Output,
        };
        Flags.AddTo(command);
        command.SetAction(Run);
        return command;
    }

    private static Task<int> Run(ParseResult result, CancellationToken cancellationToken)
    {
        var root = result.GetRequiredValue(Out);
        var folder = Folder(root, result.GetValue(CaDir));
        var passphrase = CommonOptions.ReadPassphrase(result.GetValue(CaPassphrase));
        var (configuration, text) = Configuration(result, folder, keysApart: passphrase is not null || result.GetValue(CaDir) is not null || result.GetValue(External));
        var dryRun = result.GetValue(DryRun);
        if (folder.IsInPlace)
            RefuseOtherNodes(folder, configuration);
        else if (!dryRun)
            Prepare(folder, text, result.GetValue(CaDir) is not null);
        var started = TimeProvider.System.GetTimestamp();
        try
        {
            using var progress = new ProgressLine("certificates");
            var report = SetCreator.Run(
                ClusterPlan.For(configuration),
                folder,
                new() { Passphrase = passphrase, ExternalAuthorities = result.GetValue(External), DryRun = dryRun, Progress = progress },
                TimeProvider.System,
                cancellationToken);
            progress.Dispose();
            var page = new CreationPage(report, configuration, folder, root, dryRun, TimeProvider.System.GetElapsedTime(started));
            page.Write(result.InvocationConfiguration.Output, result.GetRequiredValue(Output));
            return Task.FromResult(report.Count(CreationVerdict.Report) > 0 ? 1 : 0);
        }
        catch (Exception fault) when (fault is CreationException or StagingException or PkiFormatException)
        {
            throw new CommandException(fault.Message);
        }
    }

    /// <summary>The set; in place where the folder is a node's own, with certificates in it.</summary>
    private static SetFolder Folder(string root, string? authorities)
    {
        if (!File.Exists(Path.Combine(root, "ca.crt")))
            return new(root, authorities);
        if (authorities is not null)
            throw new CommandException($"--ca-dir: {root} is a node's own folder, which has its CAs in it", 2);
        return File.Exists(new SetFolder(root).ConfigurationFile)
            ? OpenedSet.Open(root).Folder
            : throw new CommandException($"{root} holds certificates that were made elsewhere; take them over first: sealock pki import {root} --in-place (or --out DIR)", 2);
    }

    /// <summary>A node's own folder has room for that node's files only.</summary>
    private static void RefuseOtherNodes(SetFolder folder, ClusterConfiguration configuration)
    {
        var here = ConfigurationInference.Infer(folder.Root).Configuration.Nodes.Select(node => node.Name).ToHashSet();
        if (configuration.Nodes.Where(node => !here.Contains(node.Name)).Select(node => node.Name).ToList() is { Count: > 0 } others)
        {
            throw new CommandException($"{folder.Root} is the folder of {string.Join(", ", here)}, and cluster.yaml names {others[0]} as well: "
                + "take all of them over into a set of their own: sealock pki import NODE=DIR … --out DIR");
        }
    }

    /// <summary>The configuration, and its text where it is to be stored in the set.</summary>
    private static (ClusterConfiguration Configuration, string? Text) Configuration(ParseResult result, SetFolder folder, bool keysApart)
    {
        var (file, flags) = (result.GetValue(Config), Flags.Given(result));
        if (file is not null && flags)
            throw new CommandException("--config and the flags that stand for it (--node, --endpoint…) exclude each other: write all into the file", 2);
        var standing = File.Exists(folder.ConfigurationFile);
        if (file is not null)
        {
            var text = ConfigurationOptions.ReadText("--config", file);
            return (ConfigurationOptions.Parse(file, text), text);
        }

        if (standing)
        {
            var known = ConfigurationOptions.Parse(folder.ConfigurationFile, ConfigurationOptions.ReadText("--out", folder.ConfigurationFile));
            if (flags && ConfigurationWriter.Write(Flags.Read(result, keysApart)) != ConfigurationWriter.Write(known))
                throw new CommandException($"{folder.ConfigurationFile} says something else than the flags; change that file, and run sealock pki init --out {folder.Root}", 2);
            return (known, null);
        }

        if (!flags)
            throw new CommandException("describe the cluster: --config cluster.yaml, or at least --node NAME=ADDRESS, such as --node master1=10.0.0.1", 2);
        var configuration = Flags.Read(result, keysApart);
        return (configuration, ConfigurationWriter.Write(configuration));
    }

    private static void Prepare(SetFolder folder, string? configuration, bool authoritiesElsewhere)
    {
        AtomicFile.CreateFolder(folder.Root);
        AtomicFile.CreateFolder(folder.Authorities);
        var usual = new SetFolder(folder.Root).Authorities;
        // A link lets every other command find them without being told.
        if (authoritiesElsewhere && usual != folder.Authorities && !Path.Exists(usual))
            File.CreateSymbolicLink(usual, folder.Authorities);
        if (configuration is not null && !(File.Exists(folder.ConfigurationFile) && File.ReadAllText(folder.ConfigurationFile) == configuration))
            AtomicFile.Write(folder.ConfigurationFile, Encoding.UTF8.GetBytes(configuration), AtomicFile.Public);
    }
}
