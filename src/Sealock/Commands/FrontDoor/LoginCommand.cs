// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Objects;
using Sealock.Gateway.Setup;
using Sealock.Gateway.Users;
using Sealock.Hosting.FrontDoor;

namespace Sealock.Commands.FrontDoor;

/// <summary><c>sealock login</c> and <c>sealock logout</c>: a short-lived token for a password, and a kubeconfig that uses it.</summary>
internal static class LoginCommand
{
    private static readonly ServerOptions Server = new();
    private static readonly Option<string> User = new("--username") { Description = "the user (default: asks on the terminal)", HelpName = "NAME" };
    private static readonly Option<string> PasswordFile = PasswordInput.Option();
    private static readonly Option<string> Lifetime = new("--lifetime") { Description = "how long to stay logged in, at most 720h", HelpName = "TIME", DefaultValueFactory = _ => "12h" };
    private static readonly Option<string> Out = new("--out") { Description = "kubeconfig to write (default: it is added to $KUBECONFIG or ~/.kube/config)", HelpName = "FILE" };

    public static Command Create()
    {
        var command = new ExampleCommand(
            "login",
            "Log in with a password: get a short-lived token, and a kubeconfig that uses it",
            "sealock login --server https://k8s.example.com:6443 --ca-sha256 5f70…a1 --username admin",
            "sealock login --server https://k8s.example.com:6443 --ca ca.crt --username ci --password-file secret --out ci.conf")
        {
            Server.Server, Server.Ca, Server.CaSha256, User, PasswordFile, Lifetime, Out,
        };
        command.SetAction(LogInAsync);
        return command;
    }

    /// <summary><c>sealock logout</c>.</summary>
    public static Command CreateLogout()
    {
        var command = new ExampleCommand(
            "logout",
            "End a login: the token is refused from then on, by the server too",
            "sealock logout",
            "sealock logout --server https://k8s.example.com:6443 --username admin")
        {
            Server.Server, Server.Ca, Server.CaSha256, User,
        };
        command.SetAction(LogOutAsync);
        return command;
    }

    private static async Task<int> LogInAsync(ParseResult result, CancellationToken cancellationToken)
    {
        var lifetime = Check(result);
        var url = Server.Url(result)!;
        var caPem = await Server.TrustAsync(result, url, cancellationToken);
        var user = result.GetValue(User) ?? AskUser();
        var password = PasswordInput.Read(result.GetValue(PasswordFile), $"Password of {user}: ", isNew: false);
        using var connection = ServerOptions.Connect(url, caPem, TimeProvider.System);
        var answer = await AskAsync(connection, user, password, lifetime, cancellationToken);
        var expires = DateTimeOffset.Parse(
            answer["expirationTimestamp"]?.GetValue<string>() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
        KeptLogins.Own.Write(new KeptLogin(url, user, answer["token"]?.GetValue<string>() ?? "", expires) { CaPem = caPem });
        var output = result.InvocationConfiguration.Output;
        output.WriteLine($"{user} is logged in at {url} until {expires.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture)}");
        var file = result.GetValue(Out);
        KubeconfigCommand.Deliver(Compose(url, caPem, user), file, merge: file is null, output);
        return 0;
    }

    private static async Task<JsonObject> AskAsync(
        ServerConnection connection, string user, string password, TimeSpan lifetime, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.AskAsync(
                HttpMethod.Post, LoginEndpoint.LoginPath,
                new JsonObject { ["username"] = user, ["password"] = password, ["expirationSeconds"] = (long)lifetime.TotalSeconds },
                null, cancellationToken);
        }
        catch (CommandException refused) when (refused.Message == "Unauthorized")
        {
            throw new CommandException("user name or password is wrong, or the user is disabled");
        }
    }

    private static async Task<int> LogOutAsync(ParseResult result, CancellationToken cancellationToken)
    {
        if (Server.Mistakes(result).ToList() is { Count: > 0 } mistakes)
            throw CommandException.Usage(mistakes);
        var (server, user) = KeptLogins.Own.Choose(Server.Url(result), result.GetValue(User));
        var output = result.InvocationConfiguration.Output;
        if (KeptLogins.Own.Find(server, user) is { } login)
        {
            var caPem = await Server.TrustAsync(result, server, cancellationToken) is { Length: > 0 } given ? given : login.CaPem;
            using var connection = ServerOptions.Connect(server, caPem, TimeProvider.System);
            try
            {
                await connection.AskAsync(HttpMethod.Post, LoginEndpoint.LogoutPath, null, login.Token, cancellationToken);
            }
            catch (CommandException gone) when (gone.Message == "Unauthorized")
            {
                // The server has ended it already.
            }
        }

        KeptLogins.Own.Delete(server, user);
        output.WriteLine($"{user} is logged out at {server}");
        return 0;
    }

    private static TimeSpan Check(ParseResult result)
    {
        var mistakes = Server.Mistakes(result).ToList();
        if (result.GetValue(Server.Server) is null)
            mistakes.Add("--server: give the server's URL, such as https://k8s.example.com:6443");
        if (!GoDuration.TryParse(result.GetRequiredValue(Lifetime), out var lifetime)
            || lifetime < LoginEndpoint.ShortestLifetime || lifetime > LoginEndpoint.LongestLifetime)
            mistakes.Add("--lifetime: give something from 10m to 720h, such as 12h");
        if (result.GetValue(User) is { } user && NameRules.DnsSubdomain(user).Count > 0)
            mistakes.Add($"--username: \"{user}\" is no user name");
        return mistakes.Count > 0 ? throw CommandException.Usage(mistakes) : lifetime;
    }

    private static string AskUser()
    {
        if (Console.IsInputRedirected)
            throw new CommandException($"--username: give the user's name, such as {SetupEndpoint.Administrator}", 2);
        Console.Error.Write($"User ({SetupEndpoint.Administrator}): ");
        return Console.ReadLine() is { Length: > 0 } typed ? typed.Trim() : SetupEndpoint.Administrator;
    }

    private static Kubeconfig Compose(string url, string caPem, string user)
    {
        var host = new Uri(url).Authority;
        var name = $"{user}@{host}";
        return Kubeconfig.Create(
            new KubeconfigCluster { Name = host, Server = url, CertificateAuthorityData = [.. Encoding.ASCII.GetBytes(caPem)] },
            new KubeconfigUser { Name = name, Exec = KeptLogins.Exec(TokenCommand.Program(), url, user) },
            new KubeconfigContext { Name = name, Cluster = host, User = name });
    }
}
