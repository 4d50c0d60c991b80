// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Namespaces;

/// <summary>
/// Sees to it that every namespace has what pods and users count on: the service account <c>default</c>, and the
/// config map <c>kube-root-ca.crt</c> with the CA by which the API server is known.
/// </summary>
internal sealed class NamespaceFurnisher(
    ApiClient client, Func<string, NamespaceView?> namespaces, Func<string, MetadataView?> defaultAccounts,
    Func<string, ConfigMapView?> rootCertificates, string? rootCaPem)
{
    public const string DefaultAccount = "default";
    public const string RootCertificates = "kube-root-ca.crt";
    private const string RootKey = "ca.crt";

    public async ValueTask<Reconciliation> EnsureAccountAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (namespaces(key.Name) is { IsActive: true } && defaultAccounts(key.Name) is null)
        {
            await CreateAsync(ResourceTypes.ServiceAccounts, key.Name, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ServiceAccount",
                ["metadata"] = new JsonObject { ["name"] = DefaultAccount, ["namespace"] = key.Name },
            }, cancellationToken);
        }

        return Reconciliation.Done;
    }

    public async ValueTask<Reconciliation> EnsureRootCertificatesAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (rootCaPem is null || namespaces(key.Name) is not { IsActive: true })
            return Reconciliation.Done;
        var current = rootCertificates(key.Name);
        if (current is null)
        {
            await CreateAsync(ResourceTypes.ConfigMaps, key.Name, new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["metadata"] = new JsonObject
                {
                    ["name"] = RootCertificates,
                    ["namespace"] = key.Name,
                    ["annotations"] = new JsonObject
                    {
                        ["kubernetes.io/description"] = "The CA certificates by which the API server is known inside the cluster.",
                    },
                },
                ["data"] = new JsonObject { [RootKey] = rootCaPem },
            }, cancellationToken);
        }
        else if (current.Data.Count != 1 || current.Data.GetValueOrDefault(RootKey) != rootCaPem)
        {
            var data = new JsonObject { [RootKey] = rootCaPem };
            foreach (var foreign in current.Data.Keys.Where(name => name != RootKey))
                data[foreign] = null;
            await client.PatchAsync(
                ResourceTypes.ConfigMaps, key.Name, RootCertificates, new JsonObject { ["data"] = data },
                cancellationToken: cancellationToken);
        }

        return Reconciliation.Done;
    }

    private async Task CreateAsync<T>(
        ResourceType<T> type, string @namespace, JsonObject body, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            await client.CreateAsync(type, @namespace, body, cancellationToken);
        }
        catch (ApiException exists) when (exists.Code == 409 && exists.Reason == "AlreadyExists")
        {
        }
        catch (ApiException gone) when (gone.Code == 404 || (gone.Code == 403 && IsTerminating(gone)))
        {
            // The namespace went away meanwhile.
        }
    }

    private static bool IsTerminating(ApiException refusal) =>
        refusal.Details is { } details && details.Causes.Any(cause => cause.Reason == "NamespaceTerminating");
}
