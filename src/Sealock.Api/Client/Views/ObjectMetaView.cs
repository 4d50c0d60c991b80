// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace Sealock.Api.Client.Views;

/// <summary>What every object has: <c>metadata</c> (meta/v1 ObjectMeta) as far as controllers read it.</summary>
public sealed record ObjectMetaView
{
    /// <summary>Name.</summary>
    [JsonPropertyName("name")]
    public string Name { get => field ?? ""; init; }

    /// <summary>Namespace; empty for cluster-scoped objects.</summary>
    [JsonPropertyName("namespace")]
    public string Namespace { get => field ?? ""; init; }

    /// <summary>Uid.</summary>
    [JsonPropertyName("uid")]
    public string Uid { get => field ?? ""; init; }

    /// <summary>Resource version, opaque.</summary>
    [JsonPropertyName("resourceVersion")]
    public string ResourceVersion { get => field ?? ""; init; }

    /// <summary>Counts changes of the desired state; 0 where the kind does not count.</summary>
    [JsonPropertyName("generation")]
    public long Generation { get; init; }

    /// <summary>Labels.</summary>
    [JsonPropertyName("labels")]
    public IReadOnlyDictionary<string, string> Labels { get => field ?? Nothing; init; }

    /// <summary>Annotations.</summary>
    [JsonPropertyName("annotations")]
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? Nothing; init; }

    /// <summary>When the object was created.</summary>
    [JsonPropertyName("creationTimestamp")]
    public DateTimeOffset? CreationTimestamp { get; init; }

    /// <summary>When its deletion was asked for; null while it may live.</summary>
    [JsonPropertyName("deletionTimestamp")]
    public DateTimeOffset? DeletionTimestamp { get; init; }

    /// <summary>What must be done before the object goes.</summary>
    [JsonPropertyName("finalizers")]
    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }

    /// <summary>The objects with which this one goes.</summary>
    [JsonPropertyName("ownerReferences")]
    public IReadOnlyList<OwnerReferenceView> OwnerReferences { get => field ?? []; init; }

    /// <summary><c>namespace/name</c>, or the name alone: the key of an informer.</summary>
    [JsonIgnore]
    public string Key => Namespace.Length == 0 ? Name : $"{Namespace}/{Name}";

    private static IReadOnlyDictionary<string, string> Nothing { get; } = ImmutableDictionary<string, string>.Empty;
}

/// <summary>An owner (meta/v1 OwnerReference).</summary>
public sealed record OwnerReferenceView
{
    /// <summary>API version of the owner.</summary>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get => field ?? ""; init; }

    /// <summary>Kind of the owner.</summary>
    [JsonPropertyName("kind")]
    public string Kind { get => field ?? ""; init; }

    /// <summary>Name of the owner.</summary>
    [JsonPropertyName("name")]
    public string Name { get => field ?? ""; init; }

    /// <summary>Uid of the owner.</summary>
    [JsonPropertyName("uid")]
    public string Uid { get => field ?? ""; init; }

    /// <summary>Whether it is the one managing owner.</summary>
    [JsonPropertyName("controller")]
    public bool Controller { get; init; }

    /// <summary>Whether the owner may not go in the foreground before this object.</summary>
    [JsonPropertyName("blockOwnerDeletion")]
    public bool BlockOwnerDeletion { get; init; }
}

/// <summary>A view of an object; the informer finds its key and version in here.</summary>
public interface IObjectView
{
    /// <summary>The object's metadata.</summary>
    ObjectMetaView Metadata { get; }
}
