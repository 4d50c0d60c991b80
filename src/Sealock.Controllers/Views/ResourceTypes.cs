// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client;

namespace Sealock.Controllers.Views;

/// <summary>The resources that the loops read and write.</summary>
internal static class ResourceTypes
{
    public static ResourceType<RequestView> Requests { get; } = new(
        "certificates.k8s.io", "v1", "certificatesigningrequests", false, ViewJson.Default.RequestView);

    public static ResourceType<NamespaceView> Namespaces { get; } =
        new("", "v1", "namespaces", false, ViewJson.Default.NamespaceView);

    public static ResourceType<SecretView> Secrets { get; } = new("", "v1", "secrets", true, ViewJson.Default.SecretView);

    public static ResourceType<ConfigMapView> ConfigMaps { get; } =
        new("", "v1", "configmaps", true, ViewJson.Default.ConfigMapView);

    public static ResourceType<MetadataView> ServiceAccounts { get; } = Metadata("", "v1", "serviceaccounts", true);

    public static ResourceType<NodeView> Nodes { get; } = new("", "v1", "nodes", false, ViewJson.Default.NodeView);

    public static ResourceType<MetadataView> Events { get; } = Metadata("", "v1", "events", true);

    /// <summary>Events with what they say.</summary>
    public static ResourceType<EventView> ToldEvents { get; } = new("", "v1", "events", true, ViewJson.Default.EventView);

    public static ResourceType<LeaseView> Leases { get; } =
        new("coordination.k8s.io", "v1", "leases", true, ViewJson.Default.LeaseView);

    public static ResourceType<AccessReviewView> AccessReviews { get; } = new(
        "authorization.k8s.io", "v1", "subjectaccessreviews", false, ViewJson.Default.AccessReviewView);

    public static ResourceType<AccessReviewView> OwnAccessReviews { get; } = new(
        "authorization.k8s.io", "v1", "selfsubjectaccessreviews", false, ViewJson.Default.AccessReviewView);

    public static ResourceType<IdentityReviewView> OwnIdentity { get; } = new(
        "authentication.k8s.io", "v1", "selfsubjectreviews", false, ViewJson.Default.IdentityReviewView);

    /// <summary>Any resource, as far as metadata goes.</summary>
    public static ResourceType<MetadataView> Metadata(string group, string version, string plural, bool namespaced) =>
        new(group, version, plural, namespaced, ViewJson.Default.MetadataView);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RequestView))]
[JsonSerializable(typeof(MetadataView))]
[JsonSerializable(typeof(NamespaceView))]
[JsonSerializable(typeof(SecretView))]
[JsonSerializable(typeof(ConfigMapView))]
[JsonSerializable(typeof(NodeView))]
[JsonSerializable(typeof(EventView))]
[JsonSerializable(typeof(LeaseView))]
[JsonSerializable(typeof(AccessReviewView))]
[JsonSerializable(typeof(IdentityReviewView))]
[JsonSerializable(typeof(TokenRequestView))]
[JsonSerializable(typeof(ApiGroupListView))]
[JsonSerializable(typeof(ApiResourceListView))]
internal sealed partial class ViewJson : JsonSerializerContext;
