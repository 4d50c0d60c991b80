// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Acme.Keeping;
using Sealock.Hosting;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme revoke</c>.</summary>
internal static class AcmeRevokeCommand
{
    private static readonly Dictionary<string, RevocationReason> Reasons = new(StringComparer.OrdinalIgnoreCase)
    {
        ["unspecified"] = RevocationReason.Unspecified,
        ["keyCompromise"] = RevocationReason.KeyCompromise,
        ["affiliationChanged"] = RevocationReason.AffiliationChanged,
        ["superseded"] = RevocationReason.Superseded,
        ["cessationOfOperation"] = RevocationReason.CessationOfOperation,
    };

    public static Command Create()
    {
        var server = new ServerOptions();
        var certificate = new Argument<string>("CERT") { Description = "file of the certificate, or the name of one that is kept" };
        var reason = new Option<string>("--reason") { Description = string.Join(", ", Reasons.Keys), HelpName = "REASON" };
        var key = new Option<string>("--key") { Description = "revoke by the certificate's own key, rather than by the account", HelpName = "FILE" };
        var format = OutputFormat.Option();
        var command = new ExampleCommand(
            "revoke",
            "Revoke a certificate at its CA",
            "sealock acme revoke example.com --reason keyCompromise",
            "sealock acme revoke tls.crt --key tls.key --server letsencrypt")
        {
            certificate, reason, key, format,
        };
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            RevocationReason? why = null;
            if (result.GetValue(reason) is { } text)
                why = Reasons.TryGetValue(text, out var known) ? known : throw new CommandException($"--reason: there is no '{text}'; there are {string.Join(", ", Reasons.Keys)}", 2);
            var home = server.Directory(result);
            var (leaf, settings) = Find(home, result.GetRequiredValue(certificate));
            var (url, caFile) = settings is null ? server.Read(result) : (settings.Server, settings.CaFile);
            using var session = AcmeSession.Open(home, url, caFile, TimeProvider.System);
            var done = await RevokeAsync(session, leaf, why, result.GetValue(key), cancellationToken);
            OutputFormat.Write(result.InvocationConfiguration.Output, result.GetValue(format),
            [
                ("serial", leaf.SerialNumber.ToString()),
                ("names", Printable.Of(string.Join(", ", leaf.Names.Select(name => name.Text)))),
                ("status", done.WasRevokedBefore ? "was revoked before" : "revoked"),
            ]);
            if (settings is not null)
                Console.Error.WriteLine($"a new one: sealock acme renew {settings.Names[0]} --force --dir {home}");
            return 0;
        });
        return command;
    }

    private static (Certificate Leaf, CertificateSettings? Settings) Find(string home, string text)
    {
        if (!File.Exists(text) && KeptCertificate.Find(home, text) is { Leaf: { } leaf } kept)
            return (leaf, kept.Settings);
        if (!Path.Exists(text))
            throw new CommandException($"{text}: there is no such file, and no certificate of that name in {home}; see sealock acme list", 2);
        var file = Path.GetFullPath(text);
        var certificate = PemFiles.Read(text, () => Certificate.ListFromPem(File.ReadAllText(file))[0], exitCode: 2);
        var around = KeptCertificate.List(Path.GetDirectoryName(Path.GetDirectoryName(file)) ?? "/").FirstOrDefault(other => other.Folder == Path.GetDirectoryName(file));
        return (certificate, around?.Settings);
    }

    private static async Task<RevocationDone> RevokeAsync(
        AcmeSession session, Certificate leaf, RevocationReason? reason, string? keyFile, CancellationToken cancellationToken)
    {
        AcmeResult<RevocationDone> done;
        if (keyFile is not null)
        {
            using var key = PemFiles.Read(keyFile, () => KeyPair.FromPem(File.ReadAllText(keyFile)), exitCode: 2);
            if (!leaf.Matches(key))
                throw new CommandException($"--key: {keyFile} is not the key of the certificate", 2);
            done = await session.Client.RevokeAsync(new AccountKey(key), leaf, reason, cancellationToken);
        }
        else
        {
            var account = await session.Account.GetAsync(new() { OnlyExisting = true }, cancellationToken: cancellationToken);
            if (!account.IsOk)
                throw new CommandException($"{account.Failure.Message}; or revoke by the certificate's own key (--key)");
            done = await session.Client.RevokeAsync(account.Value, leaf, reason, cancellationToken);
        }

        return done.Value ?? throw new CommandException(Printable.Of(done.Failure!.Message));
    }
}
