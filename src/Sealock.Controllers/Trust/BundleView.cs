// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Trust;

/// <summary>A Bundle (trust.cert-manager.io/v1alpha1).</summary>
internal sealed record BundleView : IObjectView
{
    public const string ApiVersion = "trust.cert-manager.io/v1alpha1";
    public const string Kind = "Bundle";

    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public BundleSpecView Spec { get => field ?? new(); init; }

    public BundleStatusView Status { get => field ?? new(); init; }

    public static ResourceType<BundleView> Type { get; } = new(
        "trust.cert-manager.io", "v1alpha1", "bundles", false, TrustJson.Default.BundleView);
}

internal sealed record BundleSpecView
{
    public IReadOnlyList<BundleSourceView> Sources { get => field ?? []; init; }

    public BundleTargetView Target { get => field ?? new(); init; }
}

/// <summary>A ConfigMap or Secret that certificates may come from: of it only names and labels are kept.</summary>
internal sealed record SourceView : IObjectView
{
    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public static ResourceType<SourceView> ConfigMaps { get; } = new("", "v1", "configmaps", true, TrustJson.Default.SourceView);

    public static ResourceType<SourceView> Secrets { get; } = new("", "v1", "secrets", true, TrustJson.Default.SourceView);
}

/// <summary>One of its fields is there.</summary>
internal sealed record BundleSourceView
{
    public SourceObjectView? ConfigMap { get; init; }

    public SourceObjectView? Secret { get; init; }

    public string? InLine { get; init; }

    [JsonPropertyName("useDefaultCAs")]
    public bool? UseDefaultAuthorities { get; init; }
}

internal sealed record SourceObjectView
{
    public string Name { get => field ?? ""; init; }

    public JsonObject? Selector { get; init; }

    public string Key { get => field ?? ""; init; }

    public bool IncludeAllKeys { get; init; }
}

internal sealed record BundleTargetView
{
    public TargetKeyView? ConfigMap { get; init; }

    public TargetKeyView? Secret { get; init; }

    public AdditionalFormatsView? AdditionalFormats { get; init; }

    public JsonObject? NamespaceSelector { get; init; }
}

internal sealed record TargetKeyView
{
    public string Key { get => field ?? ""; init; }

    public SecretTemplateView? Metadata { get; init; }
}

internal sealed record AdditionalFormatsView
{
    public TruststoreView? Jks { get; init; }

    public TruststoreView? Pkcs12 { get; init; }
}

internal sealed record TruststoreView
{
    public string Key { get => field ?? ""; init; }

    public string? Password { get; init; }

    public string Profile { get => field ?? ""; init; }
}

internal sealed record BundleStatusView
{
    public IReadOnlyList<ConditionView> Conditions { get => field ?? []; init; }

    [JsonPropertyName("defaultCAVersion")]
    public string DefaultAuthorityVersion { get => field ?? ""; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(BundleView))]
[JsonSerializable(typeof(TargetObjectView))]
[JsonSerializable(typeof(TargetFacts))]
[JsonSerializable(typeof(SourceView))]
internal sealed partial class TrustJson : JsonSerializerContext;
