// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Jose;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Acme.Accounts;

/// <summary>The account key of an issuer, with what is told of it: a hash, by which a change is noticed.</summary>
internal sealed record IssuerKey(AccountKey Key, string Hash)
{
    /// <summary>The Secret it came from; null where it was kept from before.</summary>
    public ObjectMetaView? Secret { get; init; }
}

/// <summary>
/// Account keys in their Secrets. One is made before anybody is told of it, so that none is ever lost; where two processes make
/// one, the first to have written it wins.
/// </summary>
internal sealed class AccountKeys(ApiClient client, AcmeOptions options)
{
    /// <summary>The entry with the key that is to take the place of the present one.</summary>
    public const string NextEntry = "next.key";

    // Keys are not disposed: a request that is under way may be using one, and there are few.
    private readonly ConcurrentDictionary<string, IssuerKey> _kept = new(StringComparer.Ordinal);

    /// <summary>The key that was read last for an issuer, where it is the one that its status tells of.</summary>
    public IssuerKey? Kept(string issuerUid, string hash) =>
        _kept.TryGetValue(issuerUid, out var key) && key.Hash == hash ? key : null;

    /// <summary>Reads the key, or makes it where there is none and none has to be there; else tells the problem.</summary>
    public async ValueTask<(IssuerKey? Key, string Problem)> ReadAsync(
        IssuerView issuer, AcmeIssuerView acme, string @namespace, bool mayMake, CancellationToken cancellationToken)
    {
        var name = acme.PrivateKeySecretRef.Name;
        if (await client.FindAsync(ResourceTypes.Secrets, @namespace, name, cancellationToken) is not { } secret)
        {
            if (!mayMake || acme.DisableAccountKeyGeneration)
                return (null, $"the Secret {@namespace}/{name} with the account's key is not there"
                    + (acme.DisableAccountKeyGeneration ? ", and disableAccountKeyGeneration forbids to make it" : ""));
            options.FaultPoint?.Invoke("acme.account.key");
            try
            {
                if (await MakeAsync(acme, @namespace, cancellationToken) is not { } made)
                    return (null, $"the Secret {@namespace}/{name} was made by another at the same time");
                secret = made;
            }
            catch (ApiException none) when (none.Code == 404)
            {
                return (null, $"the namespace {@namespace}, where the account's key is to be kept, is not there: make it (kubectl create namespace {@namespace})");
            }
        }

        if (secret.Data.GetValueOrDefault(acme.KeyEntry) is not { Length: > 0 } pem)
            return (null, $"the Secret {@namespace}/{name} has no entry {acme.KeyEntry} with the account's key");
        return Read(pem, out var problem) is { } key
            ? (_kept[issuer.Metadata.Uid] = key with { Secret = secret.Metadata }, "")
            : (null, $"the entry {acme.KeyEntry} of the Secret {@namespace}/{name} cannot be used: {problem}");
    }

    /// <summary>The key that is to take the place of the present one, where one was made.</summary>
    public async ValueTask<IssuerKey?> ReadNextAsync(string @namespace, string name, CancellationToken cancellationToken) =>
        await client.FindAsync(ResourceTypes.Secrets, @namespace, name, cancellationToken) is { } secret
            && secret.Data.GetValueOrDefault(NextEntry) is { Length: > 0 } pem && Read(pem, out _) is { } key
            ? key with { Secret = secret.Metadata } : null;

    /// <summary>Makes the key that is to take the place of the present one, and keeps it beside that.</summary>
    public async ValueTask<IssuerKey> MakeNextAsync(string @namespace, string name, ObjectMetaView secret, CancellationToken cancellationToken)
    {
        var key = KeyPair.Generate();
        await client.PatchAsync(
            ResourceTypes.Secrets, @namespace, name,
            new JsonObject { ["metadata"] = StatusJson.Precondition(secret), ["data"] = new JsonObject { [NextEntry] = Encode(key) } },
            cancellationToken: cancellationToken);
        return new(new AccountKey(key), HashOf(key));
    }

    /// <summary>Lets the next key be the present one.</summary>
    public async ValueTask SwitchAsync(
        string @namespace, AcmeIssuerView acme, IssuerKey next, string annotation, string value, CancellationToken cancellationToken)
    {
        var secret = await client.FindAsync(ResourceTypes.Secrets, @namespace, acme.PrivateKeySecretRef.Name, cancellationToken);
        if (secret?.Data.GetValueOrDefault(NextEntry) is not { Length: > 0 } pem || Read(pem, out _)?.Hash != next.Hash)
            throw ApiException.Conflict("", "secrets", acme.PrivateKeySecretRef.Name, "the next key was changed by another");
        var metadata = StatusJson.Precondition(secret.Metadata);
        metadata["annotations"] = new JsonObject { [annotation] = value };
        await client.PatchAsync(
            ResourceTypes.Secrets, @namespace, acme.PrivateKeySecretRef.Name,
            new JsonObject
            {
                ["metadata"] = metadata,
                ["data"] = new JsonObject { [acme.KeyEntry] = Convert.ToBase64String(pem), [NextEntry] = null },
            },
            cancellationToken: cancellationToken);
    }

    private async ValueTask<SecretView?> MakeAsync(AcmeIssuerView acme, string @namespace, CancellationToken cancellationToken)
    {
        using var key = KeyPair.Generate();
        try
        {
            return await client.CreateAsync(
                ResourceTypes.Secrets, @namespace,
                new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Secret",
                    ["metadata"] = new JsonObject
                    {
                        ["name"] = acme.PrivateKeySecretRef.Name,
                        ["namespace"] = @namespace,
                        ["labels"] = new JsonObject { [WellKnown.Attention] = "true" },
                    },
                    ["type"] = "Opaque",
                    ["data"] = new JsonObject { [acme.KeyEntry] = Encode(key) },
                },
                cancellationToken);
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            return await client.FindAsync(ResourceTypes.Secrets, @namespace, acme.PrivateKeySecretRef.Name, cancellationToken);
        }
    }

    private static IssuerKey? Read(byte[] pem, out string problem)
    {
        problem = "";
        try
        {
            var key = KeyPair.FromPem(Encoding.UTF8.GetString(pem));
            return new(new AccountKey(key), HashOf(key));
        }
        catch (PkiFormatException fault)
        {
            problem = fault.Message;
            return null;
        }
    }

    private static string Encode(KeyPair key) => Convert.ToBase64String(Encoding.ASCII.GetBytes(key.ToPkcs8Pem()));

    /// <summary>Of the public half, which nothing can be learnt from.</summary>
    private static string HashOf(KeyPair key) => Convert.ToBase64String(SHA256.HashData(key.PublicKey.Der.Span));
}
