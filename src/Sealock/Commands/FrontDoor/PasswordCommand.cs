// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Gateway.Users;
using Sealock.Hosting.FrontDoor;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock password</c>: who knows a password puts another in its place.</summary>
internal static class PasswordCommand
{
    private static readonly ServerOptions Server = new();
    private static readonly Option<string> User = new("--username") { Description = "the user (default: who is logged in)", HelpName = "NAME" };
    private static readonly Option<string> Old = PasswordInput.Option(what: "the password of now");
    private static readonly Option<string> New = PasswordInput.Option("--new-password-file", "the new password");

    public static Command Create()
    {
        var command = new ExampleCommand(
            "password",
            "Change your own password; your other logins end",
            "sealock password",
            "sealock password --server https://k8s.example.com:6443 --ca ca.crt --username jane",
            "sealock password --password-file old --new-password-file new")
        {
            Server.Server, Server.Ca, Server.CaSha256, User, Old, New,
        };
        command.SetAction(ChangeAsync);
        return command;
    }

    private static async Task<int> ChangeAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var mistakes = Server.Mistakes(result).ToList();
        if (result.GetValue(User) is { } given && NameRules.DnsSubdomain(given).Count > 0)
            mistakes.Add($"--username: \"{given}\" is no user name");
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);
        var (server, user) = Server.Url(result) is { } url && result.GetValue(User) is { } name
            ? (url, name) : KeptLogins.Own.Choose(Server.Url(result), result.GetValue(User));
        var login = KeptLogins.Own.Find(server, user);
        var caPem = await Server.TrustAsync(result, server, cancellationToken) is { Length: > 0 } pem ? pem : login?.CaPem ?? "";
        var password = PasswordInput.Read(result.GetValue(Old), $"Password of {user}: ", isNew: false);
        var next = PasswordInput.Read(result.GetValue(New), $"New password of {user}: ", isNew: true, "--new-password-file");
        if (PasswordRules.Refuse(next, user) is { } fault)
            throw new CommandException($"the new password {fault}", 2);

        using var connection = ServerOptions.Connect(server, caPem, TimeProvider.System);
        try
        {
            await connection.AskAsync(
                HttpMethod.Post, LoginEndpoint.PasswordPath,
                new JsonObject { ["username"] = user, ["password"] = password, ["newPassword"] = next },
                login?.Token, cancellationToken);
        }
        catch (CommandException refused) when (refused.Message == "Unauthorized")
        {
            throw new CommandException("user name or password is wrong, or the user is disabled");
        }

        result.InvocationConfiguration.Output.WriteLine(
            $"the password of {user} is changed; other logins of {user} at {server} have ended");
        return 0;
    }
}
