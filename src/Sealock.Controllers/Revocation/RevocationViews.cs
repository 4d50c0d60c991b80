// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Revocation.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Revocation;

/// <summary>A revoked certificate.</summary>
internal sealed record RevocationView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public RevocationSpecView Spec { get => field ?? new(); init; }
}

internal sealed record RevocationSpecView
{
    public AuthorityView Authority { get => field ?? new(); init; }

    public string SerialNumber { get => field ?? ""; init; }

    public string Reason { get => field ?? ""; init; }

    public DateTimeOffset? RevokedAt { get; init; }

    public DateTimeOffset? NotAfter { get; init; }
}

internal sealed record AuthorityView
{
    public string KeyId { get => field ?? ""; init; }

    public string Subject { get => field ?? ""; init; }
}

/// <summary>A CA's list without the list itself: what is kept in memory of it.</summary>
internal sealed record RevocationListView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public RevocationListSpecView Spec { get => field ?? new(); init; }
}

internal sealed record RevocationListSpecView
{
    public AuthorityView Authority { get => field ?? new(); init; }
}

/// <summary>A CA's list with all of it: read when it is looked at.</summary>
internal sealed record WholeListView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public WholeListSpecView Spec { get => field ?? new(); init; }

    public ListStatusView Status { get => field ?? new(); init; }
}

internal sealed record WholeListSpecView
{
    public AuthorityView Authority { get => field ?? new(); init; }

    public string Certificate { get => field ?? ""; init; }
}

internal sealed record ListStatusView
{
    public long Number { get; init; }

    public byte[] Crl { get => field ?? []; init; }

    public IReadOnlyList<ObservedConditionView> Conditions { get => field ?? []; init; }
}

/// <summary>The resources as the loops address them.</summary>
internal static class RevocationTypes
{
    public static ResourceType<RevocationView> Certificates { get; } =
        new(RevocationDefinitions.Group, "v1", RevocationDefinitions.Certificates, false, RevocationJson.Default.RevocationView);

    public static ResourceType<RevocationListView> Lists { get; } =
        new(RevocationDefinitions.Group, "v1", RevocationDefinitions.Lists, false, RevocationJson.Default.RevocationListView);

    public static ResourceType<WholeListView> WholeLists { get; } =
        new(RevocationDefinitions.Group, "v1", RevocationDefinitions.Lists, false, RevocationJson.Default.WholeListView);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(RevocationView))]
[JsonSerializable(typeof(RevocationListView))]
[JsonSerializable(typeof(WholeListView))]
internal sealed partial class RevocationJson : JsonSerializerContext;
