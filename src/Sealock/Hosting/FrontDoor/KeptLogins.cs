// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;
using Sealock.Pki.Files;
using Sealock.Pki.Inspection;

namespace Sealock.Hosting.FrontDoor;

/// <summary>A token that a login gave.</summary>
internal sealed record KeptLogin(string Server, string User, string Token, DateTimeOffset Expires)
{
    /// <summary>The CAs by which the server was verified, PEM; empty: those of the machine.</summary>
    public string CaPem { get; init; } = "";

    /// <inheritdoc/>
    public override string ToString() => $"the login of {User} at {Server}";
}

/// <summary>Tokens of logins, each in a file that only its owner can read; never in a kubeconfig, which is passed on.</summary>
/// <param name="folder">The folder.</param>
internal sealed class KeptLogins(string folder)
{
    /// <summary>Those of the user of this process.</summary>
    public static KeptLogins Own { get; } = new(Path.Combine(
        Environment.GetEnvironmentVariable("XDG_STATE_HOME") is { Length: > 0 } state
            ? state
            : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local", "state"),
        "sealock", "logins"));

    /// <summary>The plugin that hands a token to kubectl.</summary>
    public static KubeconfigExec Exec(string program, string server, string user) => new()
    {
        Command = program,
        Arguments = ["token", "--server", server, "--username", user],
        ApiVersion = "client.authentication.k8s.io/v1",
        InteractiveMode = "Never",
        InstallHint = "sealock must be on the path; it hands over the token that 'sealock login' got.",
    };

    /// <summary>The login behind a kubeconfig's plugin; null where the plugin is another.</summary>
    public static (string Server, string User)? Read(KubeconfigExec exec) =>
        Path.GetFileName(exec.Command) == "sealock" && exec.Arguments is ["token", "--server", var server, "--username", var user]
            ? (server, user) : null;

    /// <summary>Keeps a login, in place of an earlier one at the same server.</summary>
    public void Write(KeptLogin login)
    {
        AtomicFile.CreateFolder(folder);
        AtomicFile.Write(FileOf(login.Server, login.User), Encoding.UTF8.GetBytes(new JsonObject
        {
            ["server"] = login.Server,
            ["user"] = login.User,
            ["token"] = login.Token,
            ["certificateAuthority"] = login.CaPem,
            ["expirationTimestamp"] = ValidityText.Rfc3339(login.Expires),
        }.ToJsonString() + "\n"), AtomicFile.Secret);
    }

    /// <summary>A login; null where there is none that can be read.</summary>
    public KeptLogin? Find(string server, string user) => ReadFile(FileOf(server, user));

    /// <summary>A login that is good at a time.</summary>
    /// <exception cref="CommandException">There is none; the message says how to get one.</exception>
    public KeptLogin Require(string server, string user, DateTimeOffset now)
    {
        var again = $"log in: sealock login --server {server} --username {user}";
        var login = Find(server, user) ?? throw new CommandException($"{user} is not logged in at {server}; {again}");
        return login.Expires > now ? login : throw new CommandException($"the login of {user} at {server} has ended; {again}");
    }

    /// <summary>Forgets a login.</summary>
    public void Delete(string server, string user)
    {
        if (Directory.Exists(folder))
            File.Delete(FileOf(server, user));
    }

    /// <summary>All that are kept.</summary>
    public ImmutableArray<(string Server, string User)> List() => Directory.Exists(folder)
        ? [.. Directory.EnumerateFiles(folder, "*.json").Order(StringComparer.Ordinal).Select(ReadFile).OfType<KeptLogin>().Select(login => (login.Server, login.User))]
        : [];

    /// <summary>The one login that fits what is known of it.</summary>
    /// <exception cref="CommandException">There is none, or several.</exception>
    public (string Server, string User) Choose(string? server, string? user)
    {
        var fitting = List().Where(one => (server is null || one.Server == server) && (user is null || one.User == user)).ToList();
        return fitting switch
        {
            [var only] => only,
            [] => throw new CommandException(
                $"{user ?? "nobody"} is {(user is null ? "" : "not ")}logged in{(server is null ? "" : $" at {server}")}; name one with --server and --username"),
            _ => throw new CommandException(
                "there are several logins; name one with --server and --username: " + string.Join(", ", fitting.Select(one => $"{one.User} at {one.Server}")), 2),
        };
    }

    private static KeptLogin? ReadFile(string file)
    {
        try
        {
            return JsonNode.Parse(File.ReadAllBytes(file)) is JsonObject kept
                && Text(kept, "server") is { Length: > 0 } server && Text(kept, "user") is { Length: > 0 } user
                && Text(kept, "token") is { Length: > 0 } token
                && DateTimeOffset.TryParse(
                    Text(kept, "expirationTimestamp"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var expires)
                ? new(server, user, token, expires) { CaPem = Text(kept, "certificateAuthority") }
                : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static string Text(JsonObject kept, string field) =>
        kept[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private string FileOf(string server, string user) => Path.Combine(
        folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{server}\n{user}")).AsSpan(0, 16)) + ".json");
}
