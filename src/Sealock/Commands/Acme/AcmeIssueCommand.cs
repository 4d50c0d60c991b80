// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Client;
using Sealock.Acme.Issuance;
using Sealock.Acme.Keeping;
using Sealock.Acme.Messages;
using Sealock.Api.Objects;
using Sealock.Cluster.Configuration;
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme issue</c>: a certificate in a folder, and how to renew it.</summary>
internal static class AcmeIssueCommand
{
    private static readonly TimeSpan LongestOrder = TimeSpan.FromHours(1);

    public static Command Create()
    {
        var (server, registration, solvers) = (new ServerOptions(), new RegistrationOptions(), new SolverOptions());
        var names = new Argument<string[]>("NAME") { Description = "DNS name, wildcard or IP address; the first one names the folder", Arity = ArgumentArity.OneOrMore };
        var keyType = new Option<string>("--key-type") { Description = $"{string.Join(", ", KeyAlgorithmNames.All)}", HelpName = "TYPE", DefaultValueFactory = _ => "ECDSA-P256" };
        var profile = new Option<string>("--profile") { Description = "one of the server's certificate profiles", HelpName = "NAME" };
        var chain = new Option<string>("--preferred-chain") { Description = "take the chain with an issuer of this common name, where there is one", HelpName = "NAME" };
        var days = new Option<int?>("--days") { Description = "wanted lifetime; few servers allow to choose", HelpName = "N" };
        var timeout = new Option<string>("--timeout") { Description = "how long the order may take", HelpName = "TIME", DefaultValueFactory = _ => "10m" };
        var reload = new Option<string>("--reload-command") { Description = "run by sh after each new certificate; gets NAMES, CERTIFICATE and KEY in its environment; may run twice", HelpName = "CMD" };
        var force = new Option<bool>("--force") { Description = "issue a new one though the one that is there is not due" };
        var format = OutputFormat.Option();
        var command = new ExampleCommand(
            "issue",
            "Get a certificate, and keep it in a folder from which it is renewed",
            "sealock acme issue example.com www.example.com --email admin@example.com --agree-tos --http-01",
            "sealock acme issue example.com --agree-tos --tls-alpn-01 :8443 --forwarded --reload-command 'systemctl reload nginx'",
            "sealock acme issue '*.example.com' --agree-tos --dns-01 rfc2136 --dns-server 192.0.2.53 --tsig-name acme. --tsig-secret-file tsig.key")
        {
            names, keyType, profile, chain, days, timeout, reload, force, format,
        };
        server.AddTo(command);
        registration.AddTo(command);
        solvers.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var mistakes = new List<string>();
            var (url, caFile) = server.Read(result);
            var settings = solvers.Read(result, new CertificateSettings
            {
                Names = Names(result.GetValue(names) ?? [], mistakes),
                Server = url,
                CaFile = caFile,
                KeyType = KeyType(result.GetRequiredValue(keyType), mistakes),
                Profile = result.GetValue(profile),
                PreferredChain = result.GetValue(chain),
                Days = result.GetValue(days),
                TimeoutSeconds = (int)Timeout(result.GetRequiredValue(timeout), mistakes).TotalSeconds,
                ReloadCommand = result.GetValue(reload),
            }, mistakes);
            if (settings.Days is <= 0 or > 3660)
                mistakes.Add("--days: give a number of days, such as 90");
            var request = registration.Read(result, mistakes);
            if (mistakes.Count == 0 && Preflight.RefuseNames([.. settings.Names.Select(AcmeIdentifier.Parse)], SolverOptions.TypesOf(settings)) is { } refusal)
                mistakes.Add(refusal);
            if (mistakes.Count > 0)
                throw CommandException.Usage(mistakes);
            var home = server.Directory(result);
            using var session = AcmeSession.Open(home, url, caFile, TimeProvider.System);
            var kept = KeptCertificate.Open(home, settings.Names[0]);
            var outcome = await KeepingRun.OneAsync(
                kept, settings, session, request,
                async () =>
                {
                    await CheckTermsAsync(session, request, cancellationToken);
                    kept.Keep(settings);
                },
                keeper => keeper.RunAsync(result.GetValue(force), patient: false, dryRun: false, cancellationToken));
            KeepPage.Write(result.InvocationConfiguration.Output, result.GetRequiredValue(format), [(kept, outcome)]);
            return KeepPage.ExitCode([outcome]);
        });
        return command;
    }

    /// <summary>A new account needs the user's agreement, if the server has terms.</summary>
    private static async Task CheckTermsAsync(AcmeSession session, AcmeAccountRequest request, CancellationToken cancellationToken)
    {
        if (session.Account.Exists || request.AgreesToTerms)
            return;
        var directory = await session.Client.GetDirectoryAsync(cancellationToken);
        if (!directory.IsOk)
            throw new CommandException(directory.Failure.Message);
        if (directory.Value.Meta.TermsOfService is { Length: > 0 } terms)
            throw new CommandException($"read the terms of service of {session.Client.DirectoryUrl.Authority}, and agree with --agree-tos: {Printable.Of(terms)}", 2);
    }

    private static IReadOnlyList<string> Names(IEnumerable<string> texts, List<string> mistakes)
    {
        var names = new List<string>();
        foreach (var text in texts)
        {
            try
            {
                names.Add(AcmeIdentifier.Parse(text).Value);
            }
            catch (PkiFormatException error)
            {
                mistakes.Add(error.Message);
            }
        }

        return [.. names.Distinct()];
    }

    private static KeyAlgorithm KeyType(string text, List<string> mistakes)
    {
        if (KeyAlgorithmNames.Find(text) is { } algorithm)
            return algorithm;
        mistakes.Add($"--key-type: there is no '{text}'; there are {string.Join(", ", KeyAlgorithmNames.All)}");
        return default;
    }

    private static TimeSpan Timeout(string text, List<string> mistakes)
    {
        if (GoDuration.TryParse(text, out var time) && time >= TimeSpan.FromSeconds(1) && time <= LongestOrder)
            return time;
        mistakes.Add("--timeout: give a time such as 10m, at most 1h");
        return TimeSpan.Zero;
    }
}
