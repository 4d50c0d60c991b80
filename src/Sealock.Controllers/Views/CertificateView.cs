// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Views;

/// <summary>A Certificate (cert-manager.io/v1).</summary>
internal sealed record CertificateView : IObjectView
{
    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public CertificateSpecView Spec { get => field ?? new(); init; }

    public CertificateStatusView Status { get => field ?? CertificateStatusView.None; init; }

    public ConditionView? Condition(string type) => Status.Conditions.FirstOrDefault(condition => condition.Type == type);
}

internal sealed record CertificateSpecView
{
    public string SecretName { get => field ?? ""; init; }

    public IssuerReferenceView IssuerRef { get => field ?? new(); init; }

    public string CommonName { get => field ?? ""; init; }

    public SubjectView? Subject { get; init; }

    public string LiteralSubject { get => field ?? ""; init; }

    public IReadOnlyList<string> DnsNames { get => field ?? []; init; }

    public IReadOnlyList<string> IpAddresses { get => field ?? []; init; }

    public IReadOnlyList<string> Uris { get => field ?? []; init; }

    public IReadOnlyList<string> EmailAddresses { get => field ?? []; init; }

    public IReadOnlyList<OtherNameView> OtherNames { get => field ?? []; init; }

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan? Duration { get; init; }

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan? RenewBefore { get; init; }

    public int? RenewBeforePercentage { get; init; }

    public RenewalView? Renewal { get; init; }

    [JsonPropertyName("isCA")]
    public bool IsCa { get; init; }

    public IReadOnlyList<string> Usages { get => field ?? []; init; }

    public PrivateKeyView PrivateKey { get => field ?? PrivateKeyView.Default; init; }

    public string SignatureAlgorithm { get => field ?? ""; init; }

    public SecretTemplateView? SecretTemplate { get; init; }

    public KeystoresView? Keystores { get; init; }

    public IReadOnlyList<OutputFormatView> AdditionalOutputFormats { get => field ?? []; init; }

    public int? RevisionHistoryLimit { get; init; }

    public bool? EncodeUsagesInRequest { get; init; }

    public NameConstraintsView? NameConstraints { get; init; }
}

/// <summary>Which issuer is meant; without a kind an Issuer of the same namespace, without a group cert-manager's own.</summary>
internal sealed record IssuerReferenceView
{
    public const string OwnGroup = "cert-manager.io";
    public const string NamespacedKind = "Issuer";
    public const string ClusterKind = "ClusterIssuer";

    public string Name { get => field ?? ""; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string Kind { get => field is { Length: > 0 } ? field : NamespacedKind; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string Group { get => field is { Length: > 0 } ? field : OwnGroup; init; }

    /// <summary>Whether the issuer's Secrets live in the namespace of the cluster's resources.</summary>
    [JsonIgnore]
    public bool IsCluster => Kind == ClusterKind;

    public bool Equals(IssuerReferenceView? other) =>
        other is not null && Name == other.Name && Kind == other.Kind && Group == other.Group;

    public override int GetHashCode() => HashCode.Combine(Name, Kind, Group);

    /// <summary>The same as text, such as <c>Issuer.cert-manager.io/letsencrypt</c>.</summary>
    public override string ToString() => $"{Kind}.{Group}/{Name}";
}

internal sealed record SubjectView
{
    public IReadOnlyList<string> Organizations { get => field ?? []; init; }

    public IReadOnlyList<string> Countries { get => field ?? []; init; }

    public IReadOnlyList<string> OrganizationalUnits { get => field ?? []; init; }

    public IReadOnlyList<string> Localities { get => field ?? []; init; }

    public IReadOnlyList<string> Provinces { get => field ?? []; init; }

    public IReadOnlyList<string> StreetAddresses { get => field ?? []; init; }

    public IReadOnlyList<string> PostalCodes { get => field ?? []; init; }

    public string SerialNumber { get => field ?? ""; init; }
}

internal sealed record OtherNameView
{
    public string Oid { get => field ?? ""; init; }

    [JsonPropertyName("utf8Value")]
    public string Utf8Value { get => field ?? ""; init; }
}

internal sealed record RenewalView
{
    [JsonConverter(typeof(SharedTextConverter))]
    public string Policy { get => field ?? ""; init; }

    public IReadOnlyList<RenewalWindowView> Windows { get => field ?? []; init; }
}

internal sealed record RenewalWindowView
{
    public string Cron { get => field ?? ""; init; }

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan? WindowDuration { get; init; }

    public string Timezone { get => field ?? ""; init; }
}

internal sealed record PrivateKeyView
{
    public static PrivateKeyView Default { get; } = new();

    [JsonConverter(typeof(SharedTextConverter))]
    public string Algorithm { get => field is { Length: > 0 } ? field : "RSA"; init; }

    public int Size { get; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string Encoding { get => field is { Length: > 0 } ? field : "PKCS1"; init; }

    [JsonConverter(typeof(SharedTextConverter))]
    public string RotationPolicy { get => field is { Length: > 0 } ? field : "Always"; init; }

    /// <summary>Whether renewals go on with the key that is there.</summary>
    [JsonIgnore]
    public bool Keeps => RotationPolicy == "Never";
}

internal sealed record SecretTemplateView
{
    public IReadOnlyDictionary<string, string> Annotations { get => field ?? MetadataView.Nameless.Annotations; init; }

    public IReadOnlyDictionary<string, string> Labels { get => field ?? MetadataView.Nameless.Labels; init; }
}

internal sealed record KeystoresView
{
    public KeystoreView? Jks { get; init; }

    public KeystoreView? Pkcs12 { get; init; }
}

internal sealed record KeystoreView
{
    public bool Create { get; init; }

    public string Alias { get => field ?? ""; init; }

    public string Profile { get => field ?? ""; init; }

    public SecretKeyReferenceView? PasswordSecretRef { get; init; }

    public string? Password { get; init; }
}

internal sealed record SecretKeyReferenceView
{
    public string Name { get => field ?? ""; init; }

    public string Key { get => field ?? ""; init; }
}

internal sealed record OutputFormatView
{
    public const string CombinedPem = "CombinedPEM";
    public const string Der = "DER";

    [JsonConverter(typeof(SharedTextConverter))]
    public string Type { get => field ?? ""; init; }
}

internal sealed record NameConstraintsView
{
    public bool Critical { get; init; }

    public NameSubtreesView? Permitted { get; init; }

    public NameSubtreesView? Excluded { get; init; }
}

internal sealed record NameSubtreesView
{
    public IReadOnlyList<string> DnsDomains { get => field ?? []; init; }

    public IReadOnlyList<string> IpRanges { get => field ?? []; init; }

    public IReadOnlyList<string> EmailAddresses { get => field ?? []; init; }

    public IReadOnlyList<string> UriDomains { get => field ?? []; init; }
}
