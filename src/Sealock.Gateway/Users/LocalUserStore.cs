// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Gateway.Authorization;

namespace Sealock.Gateway.Users;

/// <summary>
/// Local users and their passwords as objects: <c>LocalUser NAME</c>, and beside it <c>LocalUserPassword NAME</c> with the
/// hash. Every method throws <see cref="ApiException"/> where the server says no.
/// </summary>
/// <param name="client">As whom it is done.</param>
public sealed class LocalUserStore(ApiClient client)
{
    private const string Kinds = "/apis/" + LocalUserDefinition.Group + "/v1/";
    private const string Users = Kinds + LocalUserDefinition.Plural;
    private const string Passwords = Kinds + LocalUserPasswordDefinition.Plural;

    /// <summary>
    /// A user's password as it is kept; null where there is none, or where it was an earlier user's of the same name.
    /// </summary>
    /// <param name="objects">Stored objects.</param>
    /// <param name="name">The user's name.</param>
    /// <param name="uid">The user's uid.</param>
    public static PasswordHash? FindPassword(IObjectReader objects, string name, string uid) =>
        objects.Find(LocalUserDefinition.Group, LocalUserPasswordDefinition.Plural, "", name)?["spec"] is JsonObject spec
            && JsonFields.Text(spec, LocalUserPasswordDefinition.UserUid) == uid
            ? PasswordHash.Parse(JsonFields.Text(spec, LocalUserPasswordDefinition.Hash)) : null;

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
    public Task SetPasswordAsync(JsonObject user, PasswordHash password, CancellationToken cancellationToken)
    {
        var metadata = user["metadata"] as JsonObject;
        return SetPasswordAsync(JsonFields.Text(metadata, "name"), JsonFields.Text(metadata, "uid"), password, cancellationToken);
    }

    /// <summary>Gives the user of a name and uid a password, in place of the one before.</summary>
    public async Task SetPasswordAsync(string name, string uid, PasswordHash password, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = LocalUserDefinition.Group + "/v1",
            ["kind"] = LocalUserPasswordDefinition.Value.Kind,
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                [LocalUserPasswordDefinition.UserUid] = uid,
                [LocalUserPasswordDefinition.Hash] = password.ToString(),
            },
        };
        if (await PostAsync(Passwords, body, mayExist: true, cancellationToken) is null)
            await client.SendAsync("PUT", $"{Passwords}/{Uri.EscapeDataString(name)}", body, cancellationToken);
    }

    /// <summary>Removes a user and the password; whatever the user holds is refused from then on.</summary>
    public async Task DeleteAsync(string name, CancellationToken cancellationToken)
    {
        await client.SendAsync("DELETE", $"{Users}/{Uri.EscapeDataString(name)}", null, cancellationToken);
        try
        {
            await client.SendAsync("DELETE", $"{Passwords}/{Uri.EscapeDataString(name)}", null, cancellationToken);
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
}
