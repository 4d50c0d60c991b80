// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Views;

/// <summary>Any object, as far as its metadata goes.</summary>
internal sealed record MetadataView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? Nameless; init; }

    public static ObjectMetaView Nameless { get; } = new();
}

/// <summary>A namespace.</summary>
internal sealed record NamespaceView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public NamespaceSpecView Spec { get => field ?? new(); init; }

    public NamespaceStatusView Status { get => field ?? new(); init; }

    /// <summary>Whether objects may be created in it.</summary>
    public bool IsActive => Metadata.DeletionTimestamp is null && Status.Phase != "Terminating";
}

internal sealed record NamespaceSpecView
{
    public IReadOnlyList<string> Finalizers { get => field ?? []; init; }
}

internal sealed record NamespaceStatusView
{
    public string Phase { get => field ?? ""; init; }

    public IReadOnlyList<ConditionView> Conditions { get => field ?? []; init; }
}

/// <summary>A condition as most kinds have them.</summary>
internal sealed record ConditionView
{
    [JsonConverter(typeof(SharedTextConverter))]
    public string Type { get => field ?? ""; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string Status { get => field ?? ""; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string Reason { get => field ?? ""; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string Message { get => field ?? ""; init; }

    public DateTimeOffset? LastUpdateTime { get; init; }

    public DateTimeOffset? LastTransitionTime { get; init; }

    public long? ObservedGeneration { get; init; }

    /// <summary>An absent text is an empty one.</summary>
    public bool Equals(ConditionView? other) =>
        other is not null && Type == other.Type && Status == other.Status && Reason == other.Reason && Message == other.Message
        && LastUpdateTime == other.LastUpdateTime && LastTransitionTime == other.LastTransitionTime
        && ObservedGeneration == other.ObservedGeneration;

    public override int GetHashCode() => HashCode.Combine(Type, Status, Reason, Message, LastTransitionTime);
}

/// <summary>A secret.</summary>
internal sealed record SecretView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public string Type { get => field ?? ""; init; }

    public IReadOnlyDictionary<string, byte[]> Data { get => field ?? Nothing; init; }

    private static IReadOnlyDictionary<string, byte[]> Nothing { get; } = new Dictionary<string, byte[]>();
}

/// <summary>A config map.</summary>
internal sealed record ConfigMapView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public IReadOnlyDictionary<string, string> Data { get => field ?? Nothing; init; }

    private static IReadOnlyDictionary<string, string> Nothing { get; } = new Dictionary<string, string>();
}

/// <summary>A node, as far as its addresses go.</summary>
internal sealed record NodeView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public NodeStatusView Status { get => field ?? new(); init; }
}

internal sealed record NodeStatusView
{
    public IReadOnlyList<NodeAddressView> Addresses { get => field ?? []; init; }
}

internal sealed record NodeAddressView
{
    public string Type { get => field ?? ""; init; }

    public string Address { get => field ?? ""; init; }
}

/// <summary>An event.</summary>
internal sealed record EventView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public string Type { get => field ?? ""; init; }

    public string Reason { get => field ?? ""; init; }

    public string Message { get => field ?? ""; init; }

    public int Count { get; init; }

    public DateTimeOffset? LastTimestamp { get; init; }
}

/// <summary>A lease (coordination.k8s.io).</summary>
internal sealed record LeaseView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public LeaseSpecView Spec { get => field ?? new(); init; }
}

internal sealed record LeaseSpecView
{
    public string HolderIdentity { get => field ?? ""; init; }

    public int? LeaseDurationSeconds { get; init; }

    public DateTimeOffset? AcquireTime { get; init; }

    public DateTimeOffset? RenewTime { get; init; }

    public int? LeaseTransitions { get; init; }
}

/// <summary>The answer to a review of access.</summary>
internal sealed record AccessReviewView
{
    public AccessReviewStatusView Status { get => field ?? new(); init; }
}

internal sealed record AccessReviewStatusView
{
    public bool Allowed { get; init; }
}

/// <summary>The answer to a question who asks.</summary>
internal sealed record IdentityReviewView
{
    public IdentityReviewStatusView Status { get => field ?? new(); init; }
}

internal sealed record IdentityReviewStatusView
{
    public IdentityView UserInfo { get => field ?? new(); init; }
}

internal sealed record IdentityView
{
    public string Username { get => field ?? ""; init; }
}

/// <summary>The answer to a request for a service account token.</summary>
internal sealed record TokenRequestView
{
    public TokenRequestStatusView Status { get => field ?? new(); init; }
}

internal sealed record TokenRequestStatusView
{
    public string Token { get => field ?? ""; init; }
}
