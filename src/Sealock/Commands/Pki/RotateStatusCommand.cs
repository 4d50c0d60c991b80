// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Rotating;
using Sealock.Pki.Rotation;

namespace Sealock.Commands.Pki;

/// <summary><c>sealock pki rotate status</c>: what is left of rotations, and what every endpoint proves.</summary>
internal static class RotateStatusCommand
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static Command Create()
    {
        var work = new NodeWorkOptions();
        var format = OutputFormat.Option();
        var command = new ExampleCommand(
            "status",
            "Tell how far rotations are, with the proof of every endpoint",
            "sealock pki rotate status --dir cluster",
            "sealock pki rotate status --dir cluster --endpoint master1/apiserver=127.0.0.1:6443 -o json")
        {
            format,
        };
        work.AddReadingTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var (folder, plan) = work.ReadSet(result);
            var mistakes = new List<string>();
            var options = work.Read(result, folder, plan, mistakes);
            if (mistakes.Count > 0)
                throw CommandException.Usage(mistakes);
            var found = await RotateCommand.Translated(() => RotationStatus.ReadAsync(plan, folder, options, TimeProvider.System, cancellationToken));
            var output = result.InvocationConfiguration.Output;
            if (result.GetRequiredValue(format) == "table")
                Write(output, found);
            else
                WriteDocument(output, found, result.GetRequiredValue(format));
            return found.Any(status => !status.Rotation.State.IsClosed || status.Endpoints.Any(endpoint => endpoint.Left is not null)) ? 1 : 0;
        });
        return command;
    }

    private static void Write(TextWriter output, IReadOnlyList<RotationStatus> found)
    {
        if (found.Count == 0)
            output.WriteLine("nothing is being rotated");
        foreach (var status in found)
        {
            output.WriteLine(RotationPage.Line(status.Rotation));
            if (status.Endpoints.Count > 0)
            {
                var table = new TextTable("  ENDPOINT", "ADDRESS", "SERVES", "OLD TRUST", "NEW TRUST", "OLD CLIENTS", "NEW CLIENTS", "LEFT");
                foreach (var (facts, left) in status.Endpoints)
                {
                    var reached = facts.Leaf is not null;
                    table.Add(
                        $"  {facts.Endpoint.Title}", facts.Endpoint.Address,
                        !reached ? "?" : facts.SignedByOld ? "old" : "new",
                        !reached ? "?" : Accepts(facts.ChainsToOld), !reached ? "?" : Accepts(facts.ChainsToNew),
                        Text(facts.OldClient), Text(facts.NewClient), left ?? "-");
                }

                table.Write(output, Terminal.Current());
            }

            WriteNotes(output, status);
        }
    }

    private static void WriteNotes(TextWriter output, RotationStatus status)
    {
        var rotation = status.Rotation;
        if (rotation.TokensUntil is { } until)
            output.WriteLine($"  tokens of the old key may be in use until {until:yyyy-MM-dd HH:mm}Z; tokens kept in Secrets never end and must be made anew before withdraw");
        if (rotation.Subject == "ca" && rotation.Phase is RotationPhase.Trust or RotationPhase.Reissue)
            output.WriteLine("  kubeconfigs that people hold keep working until withdraw; new ones (both CAs, from reissue on the new certificate): sealock pki renew admin.conf");
        if (status.NeedOld.Count == 0)
            return;
        output.WriteLine("  withdraw would be refused by:");
        foreach (var need in status.NeedOld.Take(20))
            output.WriteLine($"    {need}");
        if (status.NeedOld.Count > 20)
            output.WriteLine($"    … and {status.NeedOld.Count - 20} more");
    }

    private static string Accepts(bool accepted) => accepted ? "accepts" : "refuses";

    private static string Text(ClientAcceptance acceptance) => acceptance switch
    {
        ClientAcceptance.Accepted => "accepted",
        ClientAcceptance.Refused => "refused",
        _ => "-",
    };

    private static void WriteDocument(TextWriter output, IReadOnlyList<RotationStatus> found, string format)
    {
        var document = new JsonArray([.. found.Select(status => new JsonObject
        {
            ["subject"] = status.Rotation.Subject,
            ["phase"] = PhaseRules.NameOf(status.Rotation.Phase),
            ["started"] = Time(status.Rotation.Started),
            ["closed"] = status.Rotation.Closed is { } closed ? Time(closed) : null,
            ["over"] = status.Rotation.State.IsOver,
            ["nodesLeft"] = List(status.Rotation.State.Left),
            ["tokensUntil"] = status.Rotation.TokensUntil is { } until ? Time(until) : null,
            ["endpoints"] = new JsonArray([.. status.Endpoints.Select(endpoint => Endpoint(endpoint))]),
            ["needOld"] = List(status.NeedOld),
        })]);
        output.WriteLine(format == "yaml" ? YamlWriter.WriteInOrder(document).TrimEnd() : document.ToJsonString(Indented));
    }

    private static JsonObject Endpoint(EndpointStatus status)
    {
        var facts = status.Facts;
        return new()
        {
            ["name"] = facts.Endpoint.Title,
            ["address"] = facts.Endpoint.Address,
            ["serial"] = facts.Leaf?.SerialNumber.ToString(),
            ["notAfter"] = facts.Leaf is { } leaf ? Time(leaf.NotAfter) : null,
            ["signedByOld"] = facts.SignedByOld,
            ["acceptedByOldTrust"] = facts.ChainsToOld,
            ["acceptedByNewTrust"] = facts.ChainsToNew,
            ["oldClients"] = Text(facts.OldClient),
            ["newClients"] = Text(facts.NewClient),
            ["left"] = status.Left,
        };
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-ddTHH:mm:ssZ", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
