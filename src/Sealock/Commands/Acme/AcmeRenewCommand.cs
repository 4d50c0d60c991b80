// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Keeping;
using Sealock.Pki;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme renew</c>: every kept certificate that is due; safe to run as often as one likes.</summary>
internal static class AcmeRenewCommand
{
    public static Command Create()
    {
        var directory = ServerOptions.DirectoryOption();
        var names = new Argument<string[]>("NAME") { Description = "only these, by the first of their names (default: all)", Arity = ArgumentArity.ZeroOrMore };
        var force = new Option<bool>("--force") { Description = "renew what is not due, too, and what has failed and would be tried later" };
        var dryRun = new Option<bool>("--dry-run") { Description = "tell what is due, and change nothing" };
        var format = OutputFormat.Option();
        var command = new ExampleCommand(
            "renew",
            "Renew the certificates that are due: when the CA suggests it (ARI), else after two thirds of their lifetime",
            "sealock acme renew --dir /etc/sealock/acme",
            "17 */8 * * * sealock acme renew --dir /etc/sealock/acme")
        {
            names, directory, force, dryRun, format,
        };
        command.SetAction(async (result, cancellationToken) =>
        {
            var home = Path.GetFullPath(result.GetRequiredValue(directory));
            var rows = new List<(KeptCertificate, KeepOutcome)>();
            foreach (var kept in Pick(home, result.GetValue(names) ?? []))
                rows.Add((kept, await OneAsync(home, kept, result.GetValue(force), result.GetValue(dryRun), cancellationToken)));
            KeepPage.Write(result.InvocationConfiguration.Output, result.GetRequiredValue(format), rows);
            return KeepPage.ExitCode(rows.Select(row => row.Item2));
        });
        return command;
    }

    private static IReadOnlyList<KeptCertificate> Pick(string home, string[] names)
    {
        var all = KeptCertificate.List(home);
        if (all.Count == 0)
            throw new CommandException($"there is no certificate in {home}: get one with sealock acme issue, or name its folder with --dir", 2);
        return names.Length == 0 ? all : KeptNames.Find(home, names);
    }

    /// <summary>One certificate; what is wrong with it stops no other.</summary>
    private static async Task<KeepOutcome> OneAsync(string home, KeptCertificate kept, bool force, bool dryRun, CancellationToken cancellationToken)
    {
        try
        {
            var settings = kept.Settings ?? throw new KeepingException($"{kept.Folder} has no settings");
            if (settings.Names.Count == 0)
                throw new KeepingException($"{kept.Folder}: its settings name no certificate: issue it again");
            using var session = AcmeSession.Open(home, settings.Server, settings.CaFile, TimeProvider.System);
            return await KeepingRun.OneAsync(
                kept, settings, session, new(), begin: null, keeper => keeper.RunAsync(force, patient: true, dryRun, cancellationToken));
        }
        catch (Exception error) when (error is KeepingException or CommandException or IOException or UnauthorizedAccessException or PkiFormatException)
        {
            return new KeepOutcome.Failed(error.Message.ReplaceLineEndings(" "));
        }
    }
}
