// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Approval;

/// <summary>A CertificateRequestPolicy (policy.cert-manager.io/v1alpha1). What is null was not said.</summary>
internal sealed record PolicyView : IObjectView
{
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public PolicySpecView Spec { get => field ?? new(); init; }

    public PolicyStatusView Status { get => field ?? new(); init; }

    public string Name => Metadata.Name;
}

internal sealed record PolicySpecView
{
    public AllowedView Allowed { get => field ?? new(); init; }

    public ConstraintsView Constraints { get => field ?? new(); init; }

    public IReadOnlyDictionary<string, PluginView>? Plugins { get; init; }

    public PolicySelectorView Selector { get => field ?? new(); init; }
}

/// <summary>What a request may ask for; what is not named may not be asked for.</summary>
internal sealed record AllowedView
{
    public AllowedTextView? CommonName { get; init; }

    public AllowedListView? DnsNames { get; init; }

    public AllowedListView? IpAddresses { get; init; }

    public AllowedListView? Uris { get; init; }

    public AllowedListView? EmailAddresses { get; init; }

    public bool? IsCA { get; init; }

    public IReadOnlyList<string>? Usages { get; init; }

    public AllowedSubjectView Subject { get => field ?? new(); init; }

    public IReadOnlyList<AllowedOidView> OtherNames { get => field ?? []; init; }
}

internal sealed record AllowedSubjectView
{
    public AllowedListView? Organizations { get; init; }

    public AllowedListView? Countries { get; init; }

    public AllowedListView? OrganizationalUnits { get; init; }

    public AllowedListView? Localities { get; init; }

    public AllowedListView? Provinces { get; init; }

    public AllowedListView? StreetAddresses { get; init; }

    public AllowedListView? PostalCodes { get; init; }

    public AllowedTextView? SerialNumber { get; init; }

    public IReadOnlyList<AllowedOidView> OtherAttributes { get => field ?? []; init; }
}

/// <summary>One pattern, for attributes that a request has once.</summary>
internal sealed record AllowedTextView
{
    public string? Value { get; init; }

    public bool? Required { get; init; }

    public IReadOnlyList<ValidationRuleView>? Validations { get; init; }
}

/// <summary>Patterns, of which every value must match one.</summary>
internal record AllowedListView
{
    public IReadOnlyList<string>? Values { get; init; }

    public bool? Required { get; init; }

    public IReadOnlyList<ValidationRuleView>? Validations { get; init; }
}

/// <summary>Patterns for the values of one object identifier.</summary>
internal sealed record AllowedOidView : AllowedListView
{
    public string Oid { get => field ?? ""; init; }
}

internal sealed record ValidationRuleView
{
    public string Rule { get => field ?? ""; init; }

    public string? Message { get; init; }
}

internal sealed record PluginView;

internal sealed record ConstraintsView
{
    public string? MinDuration { get; init; }

    public string? MaxDuration { get; init; }

    public KeyConstraintsView PrivateKey { get => field ?? new(); init; }
}

internal sealed record KeyConstraintsView
{
    public string? Algorithm { get; init; }

    public long? MinSize { get; init; }

    public long? MaxSize { get; init; }
}

/// <summary>Which requests a policy is about.</summary>
internal sealed record PolicySelectorView
{
    public IssuerSelectorView? IssuerRef { get; init; }

    public NamespaceSelectorView? Namespace { get; init; }
}

internal sealed record IssuerSelectorView
{
    public string? Name { get; init; }

    public string? Kind { get; init; }

    public string? Group { get; init; }
}

internal sealed record NamespaceSelectorView
{
    public IReadOnlyList<string> MatchNames { get => field ?? []; init; }

    public IReadOnlyDictionary<string, string>? MatchLabels { get; init; }
}

internal sealed record PolicyStatusView
{
    public IReadOnlyList<ObservedConditionView> Conditions { get => field ?? []; init; }
}

/// <summary>The resource as the loops address it.</summary>
internal static class PolicyTypes
{
    public const string Group = "policy.cert-manager.io";
    public const string Plural = "certificaterequestpolicies";

    public static ResourceType<PolicyView> Policies { get; } =
        new(Group, "v1alpha1", Plural, false, PolicyJson.Default.PolicyView);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(PolicyView))]
internal sealed partial class PolicyJson : JsonSerializerContext;
