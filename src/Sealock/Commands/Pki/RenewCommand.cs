// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Yaml;
using Sealock.Cluster.Renewing;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki renew</c>: new certificates from the configuration, seen served.</summary>
internal static class RenewCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var work = new NodeWorkOptions();
        var names = new Argument<string[]>("NAME") { Description = "certificates such as apiserver, admin.conf or master1/etcd-peer; all (the default) for every one", Arity = ArgumentArity.ZeroOrMore };
        var node = new Option<string>("--node") { Description = "only of this node", HelpName = "NAME" };
        var within = new Option<string>("--within") { Description = "only what ends so soon, such as 30d, is missing, or is not of the CA that signs now", HelpName = "TIME" };
        var dryRun = new Option<bool>("--dry-run") { Description = "tell what would be renewed, and change nothing" };
        var format = OutputFormat.Option();
        var command = new ExampleCommand(
            "renew",
            "Renew certificates from the configuration, with new keys",
            "sealock pki renew --dir cluster --within 30d",
            "sealock pki renew apiserver --dir cluster --node master1",
            "sealock pki renew all --dir cluster --within 30d --reload-command 'ssh root@$ADDRESS restart-components $NAME'")
        {
            names, node, within, dryRun, format,
        };
        work.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var (folder, plan) = work.ReadSet(result);
            var mistakes = new List<string>();
            var options = work.Read(result, folder, plan, mistakes);
            TimeSpan? window = null;
            if (result.GetValue(within) is { } text)
            {
                if (GoDuration.TryParse(text, out var time))
                    window = time;
                else
                    mistakes.Add($"--within: \"{text}\" is no time; write it like 30d or 12h");
            }

            var (certificates, wrong) = RenewalDecision.Pick(plan, result.GetValue(names) ?? [], result.GetValue(node));
            mistakes.AddRange(wrong);
            if (mistakes.Count > 0)
                throw CommandException.Usage(mistakes);
            var renewer = new Renewer(plan, folder, options, TimeProvider.System);
            var dry = result.GetValue(dryRun);
            var renewals = await RotateCommand.Translated(async () => dry
                ? renewer.Preview(certificates, window, cancellationToken)
                : await renewer.RunAsync(certificates, window, cancellationToken));
            Write(result.InvocationConfiguration.Output, result.GetRequiredValue(format), renewals, dry, options.ByHand);
            return renewals.Any(renewal => renewal.Problem is not null) ? 1 : 0;
        });
        return command;
    }

    private static void Write(TextWriter output, string format, IReadOnlyList<Renewal> renewals, bool dry, bool byHand)
    {
        if (format != "table")
        {
            var document = new JsonArray([.. renewals.Select(Document)]);
            output.WriteLine(format == "yaml" ? YamlWriter.WriteInOrder(document).TrimEnd() : document.ToJsonString(Indented));
            return;
        }

        if (renewals.Count == 0)
        {
            output.WriteLine("nothing to renew");
            return;
        }

        var table = new TextTable("NODE", "CERTIFICATE", "ENDED", "ENDS", "SERVED", dry ? "WHY" : "NOTE");
        foreach (var renewal in renewals)
        {
            table.Add(
                renewal.Certificate.Node.Name, renewal.Certificate.Name, Date(renewal.Before?.NotAfter), Date(renewal.After?.NotAfter),
                renewal.Proof switch { ServedProof.Served => "yes", ServedProof.NotServed => "no", _ => "-" }, Note(renewal));
        }

        table.Write(output, Terminal.Current());
        if (dry || !byHand)
            return;
        foreach (var node in renewals.Where(renewal => renewal.After is not null).GroupBy(renewal => renewal.Certificate.Node.Name))
        {
            var programs = node.SelectMany(renewal => renewal.Programs).Distinct().Order(StringComparer.Ordinal).ToList();
            if (programs.Count > 0)
                output.WriteLine($"{node.Key}: bring its files there and restart {string.Join(", ", programs)}");
        }
    }

    private static string Note(Renewal renewal) => renewal switch
    {
        { Problem: { } problem } => problem,
        { IsCutByAuthority: true } => $"{renewal.Reason}; ends early, with its CA: sealock pki rotate {renewal.Certificate.Authority}",
        _ => renewal.Reason,
    };

    private static string Date(DateTimeOffset? time) => time is { } known ? known.ToString("yyyy-MM-dd HH:mm", System.Globalization.CultureInfo.InvariantCulture) : "-";

    private static JsonObject Document(Renewal renewal) => new()
    {
        ["node"] = renewal.Certificate.Node.Name,
        ["name"] = renewal.Certificate.Name,
        ["reason"] = renewal.Reason,
        ["before"] = renewal.Before is { } before ? Date(before.NotAfter) : null,
        ["after"] = renewal.After is { } after ? Date(after.NotAfter) : null,
        ["serial"] = renewal.After?.SerialNumber.ToString(),
        ["endsWithAuthority"] = renewal.IsCutByAuthority,
        ["served"] = renewal.Proof switch { ServedProof.Served => true, ServedProof.NotServed => false, _ => null },
        ["restart"] = new JsonArray([.. renewal.Programs.Select(program => JsonValue.Create(program))]),
        ["problem"] = renewal.Problem,
    };
}
