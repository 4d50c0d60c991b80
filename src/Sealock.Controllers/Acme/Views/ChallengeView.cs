// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Views;

/// <summary>A Challenge (acme.cert-manager.io/v1).</summary>
internal sealed record ChallengeView : IObjectView
{
    public const string Kind = "Challenge";

    /// <summary>Keeps a Challenge until its answer is taken away.</summary>
    public const string Finalizer = "acme.cert-manager.io/finalizer";

    /// <summary>The same as older versions of cert-manager wrote it.</summary>
    public const string OldFinalizer = "finalizer.acme.cert-manager.io";

    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public ChallengeSpecView Spec { get => field ?? new(); init; }

    public ChallengeStatusView Status { get => field ?? new(); init; }

    /// <summary>Whether the ACME server, or we, have done with it.</summary>
    [JsonIgnore]
    public bool IsOver => Status.State is OrderStates.Valid or OrderStates.Invalid or OrderStates.Expired or OrderStates.Errored;

    [JsonIgnore]
    public bool HasFailed => IsOver && Status.State != OrderStates.Valid;

    [JsonIgnore]
    public bool IsHeld => Metadata.Finalizers.Contains(Finalizer) || Metadata.Finalizers.Contains(OldFinalizer);

    /// <summary>The name as an order has it.</summary>
    [JsonIgnore]
    public string DisplayName => Spec.Wildcard ? $"*.{Spec.DnsName}" : Spec.DnsName;
}

internal sealed record ChallengeSpecView
{
    public string Url { get => field ?? ""; init; }

    [JsonPropertyName("authorizationURL")]
    public string AuthorizationUrl { get => field ?? ""; init; }

    public string DnsName { get => field ?? ""; init; }

    public bool Wildcard { get; init; }

    /// <summary>HTTP-01, DNS-01 or TLS-ALPN-01.</summary>
    [JsonConverter(typeof(SharedTextConverter))]
    public string Type { get => field ?? ""; init; }

    public string Token { get => field ?? ""; init; }

    /// <summary>The key authorization; for DNS-01 the value of the record.</summary>
    public string Key { get => field ?? ""; init; }

    public SolverView Solver { get => field ?? new(); init; }

    public IssuerReferenceView IssuerRef { get => field ?? new(); init; }

    /// <summary>The type as the ACME server calls it.</summary>
    [JsonIgnore]
    public string AcmeType => Type.ToLowerInvariant();
}

internal sealed record ChallengeStatusView
{
    public bool Processing { get; init; }

    public bool Presented { get; init; }

    public DateTimeOffset? PresentedAt { get; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string State { get => field ?? ""; init; }

    public string Reason { get => field ?? ""; init; }

    public DateTimeOffset? NextReconcile { get; init; }
}
