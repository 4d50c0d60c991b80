// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Api.Objects;
using Sealock.Cluster.Inspecting;

namespace Sealock.Commands;

/// <summary><c>sealock inspect</c>: certificates wherever they are.</summary>
internal static class InspectCommand
{
    private static readonly Argument<string[]> Targets = new("TARGET")
    {
        Description = "files (PEM, DER, PKCS#7, PKCS#12, kubeconfigs, manifests), folders, https://host:port, host:port, or - for standard input",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Check = new("--check") { Description = "print only what is wrong, and exit with 1 where something is expired, expires soon, is malformed or does not fit" };
    private static readonly Option<string> Within = new("--within") { Description = "how soon is soon", HelpName = "TIME", DefaultValueFactory = _ => "30d" };
    private static readonly Option<string> Passphrase = CommonOptions.PassphraseFile();
    private static readonly Option<string> Root = new("--root") { Description = "look for the files that manifests and kubeconfigs name below this folder (another machine's disk)", HelpName = "DIR" };
    private static readonly Option<string> ServerName = new("--servername") { Description = "server name to send (SNI) and to expect in the certificate (default: the host)", HelpName = "NAME" };
    private static readonly Option<string[]> Alpn = new("--alpn") { Description = "application protocols to offer, such as h2,http/1.1", HelpName = "NAMES" };
    private static readonly Option<string> Timeout = new("--timeout") { Description = "how long to wait for an endpoint", HelpName = "TIME", DefaultValueFactory = _ => "10s" };
    private static readonly Option<string> Output = OutputFormat.Option();

    public static Command Create()
    {
        var command = new ExampleCommand(
            "inspect",
            "Show certificates, keys, requests and CRLs wherever they are, and what is wrong with them",
            "sealock inspect apiserver.crt",
            "sealock inspect /etc/kubernetes/admin.conf kubemaster:6443",
            "sealock inspect --check --within 30d /etc/kubernetes",
            "kubectl get secret web -o yaml | sealock inspect -")
        {
            Targets, Check, Within, Passphrase, Root, ServerName, Alpn, Timeout, Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var (targets, options, within) = Read(result);
        var clock = TimeProvider.System;
        var sources = await new Inspector(options, clock).InspectAsync(targets, Console.OpenStandardInput, cancellationToken);
        var now = clock.GetUtcNow();
        var relations = InspectionRelations.Among(sources);
        var findings = InspectionRules.Run(sources, relations, now, within);
        var output = result.InvocationConfiguration.Output;
        var check = result.GetValue(Check);
        if (result.GetValue(Output) is "json" or "yaml")
            OutputFormat.Write(output, result.GetValue(Output), InspectionJson.Write(sources, relations, findings, now));
        else if (check)
            new InspectionText(output, Terminal.Current()).WriteFindings(sources, findings);
        else
            new InspectionText(output, Terminal.Current()).Write(sources, relations, findings, now, within);
        return findings.Any(finding => finding.Severity == InspectionSeverity.Error && (check || finding.Code == "unreadable")) ? 1 : 0;
    }

    private static (IReadOnlyList<InspectionTarget> Targets, InspectionOptions Options, TimeSpan Within) Read(ParseResult result)
    {
        var mistakes = new List<string>();
        var targets = new List<InspectionTarget>();
        foreach (var text in result.GetRequiredValue(Targets))
        {
            var target = InspectionTarget.Parse(text, Path.Exists);
            if (target is InspectionTarget.Wrong wrong)
                mistakes.Add($"\"{text}\": {wrong.Remedy}");
            targets.Add(target);
        }

        if (!GoDuration.TryParse(result.GetRequiredValue(Within), out var within))
            mistakes.Add("--within: give a time such as 30d or 720h");
        if (!GoDuration.TryParse(result.GetRequiredValue(Timeout), out var timeout) || timeout <= TimeSpan.Zero || timeout > TimeSpan.FromHours(1))
            mistakes.Add("--timeout: give a time such as 10s, at most 1h");
        var protocols = (result.GetValue(Alpn) ?? []).SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries)).ToList();
        if (protocols.Exists(protocol => protocol.Length is 0 or > 255 || !protocol.All(char.IsAscii)))
            mistakes.Add("--alpn: give names such as h2 or http/1.1, separated by commas");
        if (result.GetValue(Root) is { } root && !Directory.Exists(root))
            mistakes.Add($"--root: there is no folder {root}");
        if (targets.OfType<InspectionTarget.StandardInput>().Count() + (result.GetValue(Passphrase) == "-" ? 1 : 0) > 1)
            mistakes.Add("standard input can be read only once: name - once, for a target or for the passphrase");
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);
        return (targets, new()
        {
            Passphrase = CommonOptions.ReadPassphrase(result.GetValue(Passphrase)),
            Root = result.GetValue(Root),
            ServerName = result.GetValue(ServerName),
            ApplicationProtocols = protocols,
            Timeout = timeout,
        }, within);
    }
}
