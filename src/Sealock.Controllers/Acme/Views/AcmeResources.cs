// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Views;

/// <summary>The resources of ACME that the loops read and write.</summary>
internal static class AcmeResources
{
    public const string ApiVersion = "acme.cert-manager.io/v1";

    public static ResourceType<OrderView> Orders { get; } = new("acme.cert-manager.io", "v1", "orders", true, AcmeJson.Default.OrderView);

    /// <summary>Orders with all they hold.</summary>
    public static ResourceType<WholeOrder> WholeOrders { get; } = new("acme.cert-manager.io", "v1", "orders", true, AcmeJson.Default.WholeOrder);

    public static ResourceType<ChallengeView> Challenges { get; } =
        new("acme.cert-manager.io", "v1", "challenges", true, AcmeJson.Default.ChallengeView);

    /// <summary>The same, as far as metadata goes.</summary>
    public static ResourceType<MetadataView> AnyChallenges { get; } = ResourceTypes.Metadata("acme.cert-manager.io", "v1", "challenges", true);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AcmeIssuerView))]
[JsonSerializable(typeof(AcmeAccountStatusView))]
[JsonSerializable(typeof(OrderView))]
[JsonSerializable(typeof(WholeOrder))]
[JsonSerializable(typeof(ChallengeView))]
[JsonSerializable(typeof(SolverView))]
[JsonSerializable(typeof(WebhookConfigView))]
internal sealed partial class AcmeJson : JsonSerializerContext;
