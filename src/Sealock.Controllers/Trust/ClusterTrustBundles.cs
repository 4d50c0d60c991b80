// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Trust;

/// <summary>
/// Publishes a Bundle also as a ClusterTrustBundle (certificates.k8s.io), from which kubelets project it into pods, where the
/// Bundle's annotation <c>sealock.dev/cluster-trust-bundle</c> says under which name.
/// </summary>
internal sealed class ClusterTrustBundles(ApiClient client, TimeProvider time)
{
    public const string Annotation = "sealock.dev/cluster-trust-bundle";

    private static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);
    private static readonly string[] Versions = ["v1", "v1beta1", "v1alpha1"];

    private volatile ServedType? _served;

    /// <summary>Puts it there, and away where it is no longer wanted.</summary>
    /// <returns>Why that cannot be; null where all is as it should be.</returns>
    public async ValueTask<string?> PutAsync(BundleView bundle, BundleContent content, CancellationToken cancellationToken)
    {
        var name = NameOf(bundle);
        if (await FindServedAsync(cancellationToken) is not { } type)
            return name.Length == 0 ? null : "this server has no ClusterTrustBundles (Kubernetes 1.27 on, as a feature that is switched on)";
        try
        {
            var query = new ListQuery { LabelSelector = $"{TargetKind.Label}={bundle.Metadata.Name}" };
            foreach (var surplus in (await client.ListAsync(type, "", query, cancellationToken)).Items
                .Where(other => other.Metadata.Name != name && IsOf(other, bundle)))
                await client.DeleteAsync(type, "", surplus.Metadata.Name, new DeletePreconditions { Uid = surplus.Metadata.Uid }, cancellationToken);
            return name.Length == 0 ? null : await WriteAsync(type, bundle, name, content, cancellationToken);
        }
        catch (ApiException refused) when (refused.Code is >= 400 and < 500 and not 409)
        {
            return refused.Message;
        }
    }

    private async ValueTask<string?> WriteAsync(
        ResourceType<ClusterTrustBundleView> type, BundleView bundle, string name, BundleContent content, CancellationToken cancellationToken)
    {
        var pem = Certificate.ToPem(content.Certificates.Where(certificate => certificate.IsCa));
        if (pem.Length == 0)
            return "it holds no CA certificate, and a ClusterTrustBundle holds nothing else";
        var body = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["labels"] = new JsonObject { [TargetKind.Label] = bundle.Metadata.Name },
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = BundleView.ApiVersion,
                    ["kind"] = BundleView.Kind,
                    ["name"] = bundle.Metadata.Name,
                    ["uid"] = bundle.Metadata.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            ["spec"] = new JsonObject { ["trustBundle"] = pem },
        };
        if (await client.FindAsync(type, "", name, cancellationToken) is not { } present)
        {
            body["apiVersion"] = $"{type.Group}/{type.Version}";
            body["kind"] = "ClusterTrustBundle";
            body["metadata"]!["name"] = name;
            await client.CreateAsync(type, "", body, cancellationToken);
            return null;
        }

        if (!IsOf(present, bundle))
            return $"a ClusterTrustBundle {name} is there that is not of this Bundle; it is left alone";
        if (present.Spec.TrustBundle == pem && present.Metadata.Labels.GetValueOrDefault(TargetKind.Label) == bundle.Metadata.Name)
            return null;
        var metadata = body["metadata"]!.AsObject();
        foreach (var (field, value) in StatusJson.Precondition(present.Metadata))
            metadata[field] = value?.DeepClone();
        await client.PatchAsync(type, "", name, body, cancellationToken: cancellationToken);
        return null;
    }

    private static string NameOf(BundleView bundle) => bundle.Metadata.Annotations.GetValueOrDefault(Annotation) switch
    {
        null or "" or "false" => "",
        "true" => bundle.Metadata.Name,
        var name => name,
    };

    private static bool IsOf(ClusterTrustBundleView present, BundleView bundle) =>
        present.Metadata.OwnerReferences.Any(owner => owner.Uid == bundle.Metadata.Uid);

    /// <summary>What the server offered when it was asked last; null: none.</summary>
    private sealed record ServedType(ResourceType<ClusterTrustBundleView>? Type, DateTimeOffset At);

    private async ValueTask<ResourceType<ClusterTrustBundleView>?> FindServedAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_served is { } known && (known.Type is not null || now - known.At < LookAgain))
            return known.Type;
        ResourceType<ClusterTrustBundleView>? found = null;
        foreach (var version in Versions)
        {
            var type = new ResourceType<ClusterTrustBundleView>(
                "certificates.k8s.io", version, "clustertrustbundles", false, ClusterTrustJson.Default.ClusterTrustBundleView);
            try
            {
                await client.ListAsync(type, "", new ListQuery { LabelSelector = $"{TargetKind.Label}=" }, cancellationToken);
                found = type;
                break;
            }
            catch (ApiException absent) when (absent.Code is 403 or 404)
            {
                // Not in this version, or not for us.
            }
        }

        _served = new(found, now);
        return found;
    }
}

/// <summary>A ClusterTrustBundle (certificates.k8s.io).</summary>
internal sealed record ClusterTrustBundleView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public ClusterTrustBundleSpecView Spec { get => field ?? new(); init; }
}

internal sealed record ClusterTrustBundleSpecView
{
    public string TrustBundle { get => field ?? ""; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ClusterTrustBundleView))]
internal sealed partial class ClusterTrustJson : JsonSerializerContext;
