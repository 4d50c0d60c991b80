// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Users;

/// <summary>
/// Local users and their passwords as objects: <c>LocalUser NAME</c>, and beside it the Secret <c>password-NAME</c> with
/// the hash. Every method throws <see cref="ApiException"/> where the server says no.
/// </summary>
/// <param name="client">As whom it is done.</param>
public sealed class LocalUserStore(ApiClient client)
{
    /// <summary>The namespace of what the server itself keeps.</summary>
    public const string Namespace = "sealock-system";

    /// <summary>The type of Secrets that hold a password's hash.</summary>
    public const string SecretType = "sealock.dev/password";

    private const string Users = "/apis/" + LocalUserDefinition.Group + "/v1/" + LocalUserDefinition.Plural;
    private const string Secrets = "/api/v1/namespaces/" + Namespace + "/secrets";
    private const string HashKey = "hash";
    private const string OwnerKey = "userUID";

    /// <summary>The Secret of a user's password.</summary>
    public static string SecretOf(string user) => "password-" + user;

    /// <summary>
    /// A user's password as it is kept; null where there is none, or where it was an earlier user's of the same name.
    /// </summary>
    /// <param name="objects">Stored objects.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="uid">The user's uid.</param>
    public static PasswordHash? FindPassword(IObjectReader objects, string name, string uid)
    {
        var secret = objects.Find("", "secrets", Namespace, SecretOf(name));
        return secret is not null && JsonFields.Text(secret, "type") == SecretType && secret["data"] is JsonObject data
            && Decoded(data, OwnerKey) == uid
            ? PasswordHash.Parse(Decoded(data, HashKey)) : null;
    }

    /// <summary>Makes a user, and answers what is stored.</summary>
    /// <param name="name">The name.</param>
    /// <param name="groups">The groups.</param>
    /// <param name="mayExist">Whether it is fine if there is such a user already, who stays as he is.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    public async Task<JsonObject> CreateAsync(string name, ImmutableArray<string> groups, bool mayExist, CancellationToken cancellationToken)
    {
        var made = await PostAsync(
            Users,
            new JsonObject
            {
                ["apiVersion"] = LocalUserDefinition.Group + "/v1",
                ["kind"] = LocalUserDefinition.Value.Kind,
                ["metadata"] = new JsonObject { ["name"] = name },
                ["spec"] = new JsonObject { ["groups"] = JsonFields.Array(groups) },
            },
            mayExist, cancellationToken);
        return made ?? await FindAsync(name, cancellationToken)
            ?? throw ApiException.NotFound(LocalUserDefinition.Group, LocalUserDefinition.Plural, name);
    }

    /// <summary>Gives a user, as stored, a password, in place of the one before.</summary>
    public async Task SetPasswordAsync(JsonObject user, PasswordHash password, CancellationToken cancellationToken)
    {
        await EnsureNamespaceAsync(cancellationToken);
        var metadata = user["metadata"] as JsonObject;
        var name = SecretOf(JsonFields.Text(metadata, "name"));
        var secret = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = SecretType,
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = Namespace },
            ["data"] = new JsonObject { [HashKey] = Encoded(password.ToString()), [OwnerKey] = Encoded(JsonFields.Text(metadata, "uid")) },
        };
        if (await PostAsync(Secrets, secret, mayExist: true, cancellationToken) is null)
            await client.SendAsync("PUT", $"{Secrets}/{Uri.EscapeDataString(name)}", secret, cancellationToken);
    }

    /// <summary>Removes a user and the password; whatever the user holds is refused from then on.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await client.SendAsync("DELETE", $"{Users}/{Uri.EscapeDataString(name)}", null, cancellationToken);
        try
        {
            await client.SendAsync("DELETE", $"{Secrets}/{Uri.EscapeDataString(SecretOf(name))}", null, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            // There was no password.
        }
    }

    /// <summary>Locks a user out, or lets him in again; false where there is none such.</summary>
    public async Task<bool> DisableAsync(string name, bool disabled, CancellationToken cancellationToken)
    {
        if (await FindAsync(name, cancellationToken) is not { } user)
            return false;
        if (user["spec"] is not JsonObject spec)
            user["spec"] = spec = [];
        spec["disabled"] = disabled;
        await client.SendAsync("PUT", $"{Users}/{Uri.EscapeDataString(name)}", user, cancellationToken);
        return true;
    }

    /// <summary>A user; null where there is none.</summary>
    public async Task<JsonObject?> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await client.SendAsync("GET", $"{Users}/{Uri.EscapeDataString(name)}", null, cancellationToken);
            return JsonNode.Parse(answer.Span) as JsonObject;
        }
        catch (ApiException missing) when (missing.Code == 404 && missing.Details is { Name.Length: > 0 })
        {
            return null;
        }
    }

    /// <summary>All users.</summary>
    public async Task<IReadOnlyList<JsonObject>> ListAsync(CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync("GET", Users, null, cancellationToken);
        return [.. JsonFields.Objects((JsonNode.Parse(answer.Span) as JsonObject)?["items"])];
    }

    /// <summary>Makes the namespace of what the server itself keeps, where it is missing.</summary>
    public Task EnsureNamespaceAsync(CancellationToken cancellationToken) => PostAsync(
        "/api/v1/namespaces",
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = Namespace },
        },
        mayExist: true, cancellationToken);

    /// <summary>What is stored; null where it is there already.</summary>
    private async Task<JsonObject?> PostAsync(string path, JsonObject body, bool mayExist, CancellationToken cancellationToken)
    {
        try
        {
            return JsonNode.Parse((await client.SendAsync("POST", path, body, cancellationToken)).Span)!.AsObject();
        }
        catch (ApiException there) when (mayExist && there.Reason == "AlreadyExists")
        {
            return null;
        }
    }

    private static string Encoded(string text) => Convert.ToBase64String(Encoding.ASCII.GetBytes(text));

    /// <summary>A text of a Secret; empty where there is none.</summary>
    private static string Decoded(JsonObject data, string key)
    {
        var encoded = JsonFields.Text(data, key);
        var bytes = new byte[encoded.Length];
        return Convert.TryFromBase64String(encoded, bytes, out var length) ? Encoding.ASCII.GetString(bytes, 0, length) : "";
    }
}
