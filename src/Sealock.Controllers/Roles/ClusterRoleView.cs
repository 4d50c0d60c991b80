// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Roles;

/// <summary>A cluster role, as far as aggregation reads it.</summary>
internal sealed record ClusterRoleView : IObjectView
{
    public static ResourceType<ClusterRoleView> Type { get; } =
        new("rbac.authorization.k8s.io", "v1", "clusterroles", false, RoleViewJson.Default.ClusterRoleView);

    public ObjectMetaView Metadata { get => field ?? new(); init; }

    public AggregationRuleView? AggregationRule { get; init; }

    public IReadOnlyList<JsonObject> Rules { get => field ?? []; init; }

    /// <summary>Whether its rules are gathered from other roles.</summary>
    public bool IsAggregated => AggregationRule is not null;
}

/// <summary>From which roles the rules are gathered.</summary>
internal sealed record AggregationRuleView
{
    public IReadOnlyList<JsonObject> ClusterRoleSelectors { get => field ?? []; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(ClusterRoleView))]
internal sealed partial class RoleViewJson : JsonSerializerContext;
