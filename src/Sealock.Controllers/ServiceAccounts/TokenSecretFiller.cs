// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.ServiceAccounts;

/// <summary>
/// Fills Secrets of type <c>kubernetes.io/service-account-token</c> with a token, the CA and the namespace, and
/// deletes those whose service account is gone. The token is bound to the Secret and ends with it; it is asked for
/// through the API, so the loop needs no signing key.
/// </summary>
internal sealed class TokenSecretFiller(ApiClient client, string? rootCaPem)
{
    public const string SecretType = "kubernetes.io/service-account-token";
    private const string AccountName = "kubernetes.io/service-account.name";
    private const string AccountUid = "kubernetes.io/service-account.uid";

    /// <summary>The longest that the API grants, 2^32 seconds: who keeps such a Secret expects it to last.</summary>
    private const long Lifetime = 1L << 32;

    public async ValueTask<Reconciliation> ReconcileAsync(SecretView secret, CancellationToken cancellationToken)
    {
        if (secret.Type != SecretType || secret.Metadata.DeletionTimestamp is not null ||
            secret.Metadata.Annotations.GetValueOrDefault(AccountName) is not { Length: > 0 } name)
            return Reconciliation.Done;
        try
        {
            var account = await client.FindAsync(
                ResourceTypes.ServiceAccounts, secret.Metadata.Namespace, name, cancellationToken);
            var uid = secret.Metadata.Annotations.GetValueOrDefault(AccountUid) ?? "";
            if (account is null || (uid.Length > 0 && uid != account.Metadata.Uid))
            {
                await client.DeleteAsync(
                    ResourceTypes.Secrets, secret.Metadata.Namespace, secret.Metadata.Name,
                    new DeletePreconditions { Uid = secret.Metadata.Uid }, cancellationToken);
                return Reconciliation.Done;
            }

            if (await PatchFor(secret, account, cancellationToken) is { } patch)
            {
                await client.PatchAsync(
                    ResourceTypes.Secrets, secret.Metadata.Namespace, secret.Metadata.Name, patch,
                    cancellationToken: cancellationToken);
            }
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }

        return Reconciliation.Done;
    }

    private async Task<JsonObject?> PatchFor(SecretView secret, MetadataView account, CancellationToken cancellationToken)
    {
        var data = new JsonObject();
        if (rootCaPem is not null && !Holds(secret, "ca.crt", rootCaPem))
            data["ca.crt"] = Base64(rootCaPem);
        if (!Holds(secret, "namespace", secret.Metadata.Namespace))
            data["namespace"] = Base64(secret.Metadata.Namespace);
        if (secret.Data.GetValueOrDefault("token") is not { Length: > 0 })
            data["token"] = Base64(await TokenAsync(secret, account, cancellationToken));
        var knowsUid = secret.Metadata.Annotations.GetValueOrDefault(AccountUid) == account.Metadata.Uid;
        if (data.Count == 0 && knowsUid)
            return null;
        return new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["uid"] = secret.Metadata.Uid,
                ["resourceVersion"] = secret.Metadata.ResourceVersion,
                ["annotations"] = new JsonObject { [AccountUid] = account.Metadata.Uid },
            },
            ["data"] = data,
        };
    }

    private async Task<string> TokenAsync(SecretView secret, MetadataView account, CancellationToken cancellationToken)
    {
        var body = new JsonObject
        {
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["kind"] = "TokenRequest",
            ["spec"] = new JsonObject
            {
                ["expirationSeconds"] = Lifetime,
                ["boundObjectRef"] = new JsonObject
                {
                    ["apiVersion"] = "v1",
                    ["kind"] = "Secret",
                    ["name"] = secret.Metadata.Name,
                    ["uid"] = secret.Metadata.Uid,
                },
            },
        };
        var answer = await client.CreateOnAsync(
            ResourceTypes.ServiceAccounts, account.Metadata.Namespace, account.Metadata.Name, "token", body,
            ViewJson.Default.TokenRequestView, cancellationToken);
        return answer.Status.Token;
    }

    private static bool Holds(SecretView secret, string name, string text) =>
        secret.Data.GetValueOrDefault(name) is { } bytes && bytes.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(text));

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
