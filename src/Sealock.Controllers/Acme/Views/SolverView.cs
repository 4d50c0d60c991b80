// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Views;

/// <summary>A way to show control of names.</summary>
internal sealed record SolverView
{
    public SolverSelectorView? Selector { get; init; }

    public HttpSolverView? Http01 { get; init; }

    public DnsSolverView? Dns01 { get; init; }

    /// <summary>A certificate on port 443; it has no settings.</summary>
    [JsonPropertyName("tlsALPN01")]
    public JsonElement? TlsAlpn01 { get; init; }

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan? WaitInsteadOfSelfCheck { get; init; }

    /// <summary>The type of the challenges it answers, as the ACME server calls it; empty where it answers none.</summary>
    [JsonIgnore]
    public string Type => Http01 is not null ? "http-01" : Dns01 is not null ? "dns-01" : TlsAlpn01 is not null ? "tls-alpn-01" : "";
}

internal sealed record SolverSelectorView
{
    public IReadOnlyList<string> DnsNames { get => field ?? []; init; }

    public IReadOnlyList<string> DnsZones { get => field ?? []; init; }

    public IReadOnlyDictionary<string, string> MatchLabels { get => field ?? MetadataView.Nameless.Labels; init; }
}

internal sealed record HttpSolverView
{
    public IngressSolverView? Ingress { get; init; }

    [JsonPropertyName("gatewayHTTPRoute")]
    public JsonElement? GatewayHttpRoute { get; init; }
}

internal sealed record IngressSolverView
{
    public string? IngressClassName { get; init; }

    public string? Class { get; init; }

    public string Name { get => field ?? ""; init; }

    public string ServiceType { get => field ?? ""; init; }

    public IngressTemplateView? IngressTemplate { get; init; }
}

internal sealed record IngressTemplateView
{
    public SecretTemplateView Metadata { get => field ?? new(); init; }
}

internal sealed record DnsSolverView
{
    public string CnameStrategy { get => field ?? ""; init; }

    public IReadOnlyList<string> Nameservers { get => field ?? []; init; }

    public UpdateSolverView? Rfc2136 { get; init; }

    public WebhookSolverView? Webhook { get; init; }

    /// <summary>Providers that nobody here speaks to.</summary>
    [JsonExtensionData]
    public Dictionary<string, JsonElement>? Others { get; set; }
}

internal sealed record UpdateSolverView
{
    public string Nameserver { get => field ?? ""; init; }

    public string TsigKeyName { get => field ?? ""; init; }

    public string TsigAlgorithm { get => field ?? ""; init; }

    public SecretKeyReferenceView? TsigSecretSecretRef { get; init; }
}

internal sealed record WebhookSolverView
{
    public string GroupName { get => field ?? ""; init; }

    public string SolverName { get => field ?? ""; init; }

    public JsonElement? Config { get; init; }
}

/// <summary>The settings of a webhook: where it is, and how it is known and told who calls.</summary>
internal sealed record WebhookConfigView
{
    public string Url { get => field ?? ""; init; }

    public byte[] CaBundle { get => field ?? []; init; }

    public SecretKeyReferenceView? TokenSecretRef { get; init; }
}
