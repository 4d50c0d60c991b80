// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Acme.Client;
using Sealock.Acme.Messages;
using Sealock.Cluster.Configuration;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme account</c>.</summary>
internal static class AcmeAccountCommand
{
    private delegate Task<(AcmeAccount Account, AcmeAccountFacts Facts)> Work(
        AcmeSession session, AcmeAccount account, CancellationToken cancellationToken);

    public static Command Create() => new ExampleCommand(
        "account", "The account at an ACME server", "sealock acme account show", "sealock acme account update --email admin@example.com")
    {
        Show(), Update(), Rollover(), Deactivate(),
    };

    private static ExampleCommand Show() => Build(
        "show", "Show the account", ["sealock acme account show", "sealock acme account show --server letsencrypt-staging -o json"], [],
        _ => async (session, account, cancellationToken) =>
            (account, Value(await session.Client.GetAccountAsync(account, cancellationToken))));

    private static ExampleCommand Update()
    {
        var email = new Option<string[]>("--email") { Description = "how the CA reaches you; repeatable", HelpName = "ADDRESS" };
        var none = new Option<bool>("--no-email") { Description = "leave no address with the CA" };
        return Build(
            "update", "Change the account's contact", ["sealock acme account update --email admin@example.com", "sealock acme account update --no-email"], [email, none],
            result =>
            {
                var mistakes = new List<string>();
                var contact = RegistrationOptions.Contact(result.GetValue(email) ?? [], mistakes);
                if (contact.Count == 0 != result.GetValue(none))
                    mistakes.Add("give the new addresses with --email, or --no-email");
                if (mistakes.Count > 0)
                    throw CommandException.Usage(mistakes);
                return async (session, account, cancellationToken) =>
                {
                    var facts = Value(await session.Client.UpdateAccountAsync(account, contact, cancellationToken));
                    session.Account.Keep(facts, agreed: true);
                    return (account, facts);
                };
            });
    }

    private static ExampleCommand Rollover()
    {
        var keyType = new Option<string>("--key-type") { Description = string.Join(", ", KeyAlgorithmNames.All), HelpName = "TYPE", DefaultValueFactory = _ => "ECDSA-P256" };
        return Build(
            "rollover", "Replace the account's key by a new one", ["sealock acme account rollover", "sealock acme account rollover --key-type ECDSA-P384"], [keyType],
            result =>
            {
                var text = result.GetRequiredValue(keyType);
                var algorithm = KeyAlgorithmNames.Find(text)
                    ?? throw new CommandException($"--key-type: there is no '{text}'; there are {string.Join(", ", KeyAlgorithmNames.All)}", 2);
                return async (session, account, cancellationToken) =>
                {
                    var changed = Value(await session.Account.ChangeKeyAsync(account, algorithm, cancellationToken));
                    return (changed, Value(await session.Client.GetAccountAsync(changed, cancellationToken)));
                };
            });
    }

    private static ExampleCommand Deactivate()
    {
        var yes = new Option<bool>("--yes") { Description = "do it: it cannot be undone, and certificates can no longer be revoked by the account" };
        return Build(
            "deactivate", "Give the account up for good", ["sealock acme account deactivate --yes"], [yes],
            result => !result.GetValue(yes)
                ? throw new CommandException("the account would be given up for good: say --yes", 2)
                : async (session, account, cancellationToken) =>
                {
                    var facts = Value(await session.Client.DeactivateAccountAsync(account, cancellationToken));
                    session.Account.Forget();
                    return (account, facts);
                });
    }

    private static ExampleCommand Build(string name, string description, string[] examples, Option[] options, Func<ParseResult, Work> plan)
    {
        var server = new ServerOptions();
        var format = OutputFormat.Option();
        var command = new ExampleCommand(name, description, examples) { format };
        foreach (var option in options)
            command.Options.Add(option);
        server.AddTo(command);
        command.SetAction(async (result, cancellationToken) =>
        {
            var work = plan(result);
            var (url, caFile) = server.Read(result);
            using var session = AcmeSession.Open(server.Directory(result), url, caFile, TimeProvider.System);
            // Asked for anew: the server may have forgotten what is kept here.
            var known = Value(await session.Account.GetAsync(new() { OnlyExisting = true }, fresh: true, cancellationToken));
            var folder = session.Account.Folder;
            var (account, facts) = await work(session, known, cancellationToken);
            OutputFormat.Write(result.InvocationConfiguration.Output, result.GetValue(format),
            [
                ("server", url),
                ("url", Printable.Of(account.Url)),
                ("status", Printable.Of(facts.Status)),
                ("contact", Printable.Of(string.Join(", ", facts.Contact))),
                ("key", session.Account.Exists ? account.Key.Signer.PublicKey.Description : "gone"),
                ("thumbprint", account.Key.Thumbprint),
                ("folder", folder),
            ]);
            return 0;
        });
        return command;
    }

    private static T Value<T>(AcmeResult<T> result)
        where T : class => result.Value ?? throw new CommandException(Printable.Of(result.Failure!.Message));
}
