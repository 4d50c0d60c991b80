// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Views;

/// <summary>An Order (acme.cert-manager.io/v1) with all it holds.</summary>
internal sealed record WholeOrder
{
    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public OrderSpecView Spec { get => field ?? new(); init; }

    public OrderStatusView Status { get => field ?? new(); init; }
}

/// <summary>An Order as it is kept in memory: once it is over, without its request and certificate.</summary>
[JsonConverter(typeof(Projection))]
internal sealed record OrderView : IObjectView
{
    public const string Kind = "Order";

    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public OrderSpecView Spec { get => field ?? new(); init; }

    public OrderStatusView Status { get => field ?? new(); init; }

    /// <summary>Whether nothing more will happen to it at the ACME server.</summary>
    [JsonIgnore]
    public bool IsOver => Status.State is OrderStates.Valid or OrderStates.Invalid or OrderStates.Expired or OrderStates.Errored;

    /// <summary>Whether there will be no certificate.</summary>
    [JsonIgnore]
    public bool HasFailed => IsOver && Status.State != OrderStates.Valid;

    public static OrderView Of(WholeOrder whole)
    {
        var view = new OrderView { Metadata = whole.Metadata, Spec = whole.Spec, Status = whole.Status };
        return view.IsOver
            ? view with { Spec = whole.Spec with { Request = [] }, Status = whole.Status with { Certificate = [] } } : view;
    }

    internal sealed class Projection : JsonConverter<OrderView>
    {
        public override OrderView? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize(ref reader, AcmeJson.Default.WholeOrder) is { } whole ? Of(whole) : null;

        public override void Write(Utf8JsonWriter writer, OrderView value, JsonSerializerOptions options) =>
            throw new NotSupportedException("views are not written");
    }
}

internal sealed record OrderSpecView
{
    /// <summary>PEM of a PKCS#10 request.</summary>
    public byte[] Request { get => field ?? []; init; }

    public IssuerReferenceView IssuerRef { get => field ?? new(); init; }

    public string CommonName { get => field ?? ""; init; }

    public IReadOnlyList<string> DnsNames { get => field ?? []; init; }

    public IReadOnlyList<string> IpAddresses { get => field ?? []; init; }

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan? Duration { get; init; }

    public string Profile { get => field ?? ""; init; }

    public string Replaces { get => field ?? ""; init; }
}

internal sealed record OrderStatusView
{
    public string Url { get => field ?? ""; init; }

    [JsonPropertyName("finalizeURL")]
    public string FinalizeUrl { get => field ?? ""; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string State { get => field ?? ""; init; }

    public string Reason { get => field ?? ""; init; }

    public DateTimeOffset? FailureTime { get; init; }

    /// <summary>PEM of the chain.</summary>
    public byte[] Certificate { get => field ?? []; init; }

    public IReadOnlyList<OrderAuthorizationView> Authorizations { get => field ?? []; init; }
}

internal sealed record OrderAuthorizationView
{
    public string Url { get => field ?? ""; init; }

    public string Identifier { get => field ?? ""; init; }

    public bool? Wildcard { get; init; }

    public string InitialState { get => field ?? ""; init; }

    public IReadOnlyList<OfferedChallengeView> Challenges { get => field ?? []; init; }

    /// <summary>Whether it was read yet.</summary>
    [JsonIgnore]
    public bool IsKnown => Identifier.Length > 0;

    /// <summary>The name as an order has it.</summary>
    [JsonIgnore]
    public string DisplayName => Wildcard == true ? $"*.{Identifier}" : Identifier;
}

internal sealed record OfferedChallengeView
{
    public string Url { get => field ?? ""; init; }

    public string Token { get => field ?? ""; init; }

    public string Type { get => field ?? ""; init; }
}

/// <summary>States of Orders and Challenges: those of RFC 8555, and cert-manager's own.</summary>
internal static class OrderStates
{
    public const string Pending = "pending";
    public const string Ready = "ready";
    public const string Processing = "processing";
    public const string Valid = "valid";
    public const string Invalid = "invalid";
    public const string Expired = "expired";

    /// <summary>It cannot go on, for a reason of our own.</summary>
    public const string Errored = "errored";
}
