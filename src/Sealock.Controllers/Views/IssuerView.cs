// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Views;

/// <summary>An Issuer, or a ClusterIssuer (which has no namespace).</summary>
internal sealed record IssuerView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public IssuerSpecView Spec { get => field ?? new(); init; }

    public IssuerStatusView Status { get => field ?? new(); init; }

    /// <summary><c>Issuer</c> or <c>ClusterIssuer</c>.</summary>
    [JsonIgnore]
    public string Kind => Metadata.Namespace.Length > 0 ? IssuerReferenceView.NamespacedKind : IssuerReferenceView.ClusterKind;

    [JsonIgnore]
    public bool IsReady => Status.Conditions.Any(condition => condition is { Type: "Ready", Status: "True" });
}

internal sealed record IssuerSpecView
{
    public SelfSignedIssuerView? SelfSigned { get; init; }

    public CaIssuerView? Ca { get; init; }

    public JsonElement? Acme { get; init; }

    public JsonElement? Vault { get; init; }

    public JsonElement? Venafi { get; init; }

    /// <summary>The name of the kind of issuer as in the specification; empty where there is none.</summary>
    [JsonIgnore]
    public string KindName =>
        SelfSigned is not null ? "selfSigned"
        : Ca is not null ? "ca"
        : Acme is not null ? "acme"
        : Vault is not null ? "vault"
        : Venafi is not null ? "venafi"
        : "";
}

internal sealed record SelfSignedIssuerView
{
    public IReadOnlyList<string> CrlDistributionPoints { get => field ?? []; init; }
}

internal sealed record CaIssuerView
{
    public string SecretName { get => field ?? ""; init; }

    public IReadOnlyList<string> CrlDistributionPoints { get => field ?? []; init; }

    public IReadOnlyList<string> OcspServers { get => field ?? []; init; }

    [JsonPropertyName("issuingCertificateURLs")]
    public IReadOnlyList<string> IssuingCertificateUrls { get => field ?? []; init; }
}

internal sealed record IssuerStatusView
{
    public IReadOnlyList<ConditionView> Conditions { get => field ?? []; init; }

    public JsonElement? Acme { get; init; }
}
