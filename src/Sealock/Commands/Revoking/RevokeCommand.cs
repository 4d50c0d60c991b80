// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Hosting;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;

namespace Sealock.Commands.Revoking;

/// <summary><c>sealock revoke</c> and <c>sealock unrevoke</c>.</summary>
internal static class RevokeCommand
{
    private const int LongestNote = 1024;

    private static readonly Argument<string> File = new("certificate") { Description = "file with the certificate, PEM", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<string> Serial = new("--serial") { Description = "serial number instead, in hexadecimal digits", HelpName = "NUMBER" };
    private static readonly Option<string> Ca = new("--ca") { Description = "certificate of the CA that issued it, PEM (default: the kubeconfig's)", HelpName = "FILE" };
    private static readonly Option<string> Issuer = new("--issuer") { Description = "Issuer or (without a namespace) ClusterIssuer that issued it, instead of --ca", HelpName = "[NAMESPACE/]NAME" };
    private static readonly Option<string> ClusterNamespace = new("--cluster-resource-namespace") { Description = "where ClusterIssuers have their Secrets (default: found by itself, else cert-manager)", HelpName = "NAMESPACE" };
    private static readonly Option<bool> Unseen = new("--unseen") { Description = "with --serial and --issuer: revoke the number even if no certificate of it is found in the cluster" };
    private static readonly Option<string> Reason = new("--reason") { Description = $"why: {string.Join(", ", RevocationReasonNames.All)}", HelpName = "REASON" };
    private static readonly Option<string> Note = new("--note") { Description = "what is worth knowing, for people", HelpName = "TEXT" };
    private static readonly Option<bool> List = new("--list") { Description = "list what is revoked" };
    private static readonly Option<bool> Undo = new("--undo") { Description = "release a certificate that is on hold (as sealock unrevoke does)" };
    private static readonly Option<bool> Yes = new("--yes") { Description = "revoke it even if it is the certificate that this command connects with" };
    private static readonly Option<string> Kubeconfig = new("--kubeconfig") { Description = "kubeconfig to connect with (default: $KUBECONFIG or ~/.kube/config)", HelpName = "FILE" };
    private static readonly Option<string> Output = OutputFormat.Option();

    /// <summary><c>sealock revoke</c>.</summary>
    public static Command Create()
    {
        var command = new ExampleCommand(
            "revoke",
            "Revoke a certificate: the server refuses it from the next request on, ends its watches, and puts it on its CA's revocation list",
            "sealock revoke jane.crt --reason keyCompromise --note 'laptop stolen'",
            "sealock revoke --serial 4A:FA:80:06 --ca users-ca.crt",
            "sealock revoke --serial 4A:FA:80:06 --issuer shop/web-ca",
            "sealock revoke jane.crt --reason certificateHold && sealock unrevoke jane.crt",
            "sealock revoke --list")
        {
            File, Serial, Ca, Issuer, Unseen, ClusterNamespace, Reason, Note, List, Undo, Yes, Kubeconfig, Output,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, result.GetValue(Undo), cancellationToken));
        return command;
    }

    /// <summary><c>sealock unrevoke</c>.</summary>
    public static Command CreateUndo()
    {
        var command = new ExampleCommand(
            "unrevoke", "Release a certificate that was put on hold (reason certificateHold); other revocations are for good", "sealock unrevoke jane.crt")
        {
            File, Serial, Ca, Issuer, ClusterNamespace, Kubeconfig,
        };
        command.SetAction((result, cancellationToken) => RunAsync(result, undo: true, cancellationToken));
        return command;
    }

    private static async Task<int> RunAsync(ParseResult result, bool undo, CancellationToken cancellationToken)
    {
        var reason = Check(result, undo);
        using var cluster = RemoteCluster.Open(result.GetValue(Kubeconfig), null, TimeProvider.System);
        var revoker = new Revoker(cluster.Client);
        var output = result.InvocationConfiguration.Output;
        try
        {
            if (result.GetValue(List))
            {
                Write(output, result.GetRequiredValue(Output), await revoker.ListAsync(cancellationToken));
                return 0;
            }

            var targets = await TargetsAsync(result, cluster, undo, cancellationToken);
            if (!undo && !result.GetValue(Yes) && targets.FirstOrDefault(target => target.Is(cluster.ClientCertificate)) is { } own)
            {
                throw new CommandException(
                    $"{own.Description} is the certificate that this command connects with: you would lock yourself out, and could not take it "
                    + "back. Connect as another administrator (--kubeconfig), or say --yes", 2);
            }

            foreach (var target in targets)
            {
                output.WriteLine(undo
                    ? await revoker.ReleaseAsync(target, cancellationToken)
                    : await revoker.RevokeAsync(target, reason, result.GetValue(Note), cancellationToken));
            }

            return 0;
        }
        catch (ApiException error) when (error.Code == 404)
        {
            throw new CommandException($"{cluster.Target.Cluster.Server} knows no revocations (sealock.dev/v1); is it a Sealock server?");
        }
        catch (ApiException error)
        {
            throw new CommandException(error.Message);
        }
        catch (HttpRequestException error)
        {
            throw cluster.Unreachable(error);
        }
    }

    /// <summary>The reason as it is written; null where none is given.</summary>
    private static string? Check(ParseResult result, bool undo)
    {
        var mistakes = new List<string>();
        var list = result.GetValue(List);
        var (file, serial) = (result.GetValue(File), result.GetValue(Serial));
        if (list && (file ?? serial) is not null)
            mistakes.Add("--list: name no certificate");
        else if (!list && (file is null) == (serial is null))
            mistakes.Add("name a certificate: its file, or its --serial number");
        if (list && undo)
            mistakes.Add("--undo: it does not go together with --list");
        if (result.GetValue(Ca) is not null && result.GetValue(Issuer) is not null)
            mistakes.Add("--issuer: it does not go together with --ca");
        if (result.GetValue(Unseen) && (serial is null || result.GetValue(Issuer) is null))
            mistakes.Add("--unseen: it goes together with --serial and --issuer");
        if (undo && (result.GetValue(Reason) ?? result.GetValue(Note)) is not null)
            mistakes.Add("--undo: it takes no --reason and no --note");
        if (result.GetValue(Note) is { Length: > LongestNote })
            mistakes.Add($"--note: at most {LongestNote} characters");
        if (result.GetValue(ClusterNamespace) is not null && (result.GetValue(Issuer) ?? "/").Contains('/', StringComparison.Ordinal))
            mistakes.Add("--cluster-resource-namespace: it goes together with --issuer and the name of a ClusterIssuer");
        if (result.GetValue(Issuer)?.Split('/') is { } parts && (parts.Length > 2 || parts.Any(part => part.Length == 0)))
            mistakes.Add("--issuer: give NAMESPACE/NAME, or the NAME of a ClusterIssuer");
        string? reason = null;
        if (result.GetValue(Reason) is { } text)
        {
            reason = RevocationReasonNames.Find(text) is { } known ? RevocationReasonNames.Of(known) : null;
            if (reason is null)
                mistakes.Add($"--reason: \"{text}\" is none; there are: {string.Join(", ", RevocationReasonNames.All)}");
        }

        return mistakes.Count == 0 ? reason : throw CommandException.Usage(mistakes);
    }

    private static async Task<IReadOnlyList<RevokedTarget>> TargetsAsync(
        ParseResult result, RemoteCluster cluster, bool undo, CancellationToken cancellationToken)
    {
        var (file, serial) = (result.GetValue(File), result.GetValue(Serial) is { } text ? RevokedTarget.ReadSerial(text) : (SerialNumber?)null);
        var certificate = file is null ? null : RevokedTarget.ReadCertificates(file)[0];
        if (result.GetValue(Issuer) is { } name)
        {
            var issuer = await IssuerAuthorities.ReadAsync(cluster.Client, name, result.GetValue(ClusterNamespace), cancellationToken);
            return serial is { } number
                ? await RevokedTarget.FromIssuerAsync(number, issuer, undo || result.GetValue(Unseen), cancellationToken)
                : [RevokedTarget.FromCertificate(certificate!, file!, issuer.Certificates, name)];
        }

        var ca = result.GetValue(Ca);
        var authorities = ca is null ? Certificate.ListFromPem(cluster.CaPem) : RevokedTarget.ReadCertificates(ca);
        return [serial is { } alone
            ? RevokedTarget.FromSerial(alone, authorities, ca)
            : RevokedTarget.FromCertificate(certificate!, file!, authorities, ca)];
    }

    private static void Write(TextWriter output, string format, IReadOnlyList<JsonObject> revocations)
    {
        if (format != "table")
        {
            OutputFormat.Write(output, format, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "List",
                ["items"] = new JsonArray([.. revocations.Select(item => item.DeepClone())]),
            });
            return;
        }

        if (revocations.Count == 0)
        {
            output.WriteLine("nothing is revoked");
            return;
        }

        var table = new TextTable("AUTHORITY", "SERIAL", "SUBJECT", "REASON", "SINCE", "NOTE");
        foreach (var item in revocations)
        {
            var authority = item["spec"]?["authority"] as JsonObject;
            table.Add(
                Shown((authority?["subject"] ?? authority?["keyId"])?.GetValue<string>() ?? ""), Shown(Revoker.Text(item, "serialNumber")),
                Shown(Revoker.Text(item, "subject")), Shown(Revoker.Text(item, "reason")), Shown(Revoker.Text(item, "revokedAt")),
                Shown(Revoker.Text(item, "note")));
        }

        table.Write(output, Terminal.Current());
    }

    private static string Shown(string text) => text.Length == 0 ? "-" : Printable.Of(text);
}
