// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Requests;

namespace Sealock.Controllers.Views;

/// <summary>A CertificateRequest (cert-manager.io/v1) with all it holds, as it is read to be decided on or collected.</summary>
internal sealed record CertificateRequestObject : IObjectView
{
    [JsonConverter(typeof(LeanMetadataConverter))]
    public ObjectMetaView Metadata { get => field ?? MetadataView.Nameless; init; }

    public CertificateRequestSpecView Spec { get => field ?? new(); init; }

    public CertificateRequestStatusView Status { get => field ?? new(); init; }
}

internal sealed record CertificateRequestSpecView
{
    /// <summary>PEM of a PKCS#10 request.</summary>
    public byte[] Request { get => field ?? []; init; }

    public IssuerReferenceView IssuerRef { get => field ?? new(); init; }

    [JsonConverter(typeof(GoDurationConverter))]
    public TimeSpan? Duration { get; init; }

    [JsonPropertyName("isCA")]
    public bool IsCa { get; init; }

    public IReadOnlyList<string> Usages { get => field ?? []; init; }

    public string Username { get => field ?? ""; init; }

    public string Uid { get => field ?? ""; init; }

    public IReadOnlyList<string> Groups { get => field ?? []; init; }

    public IReadOnlyDictionary<string, IReadOnlyList<string>>? Extra { get; init; }
}

internal sealed record CertificateRequestStatusView
{
    public IReadOnlyList<ConditionView> Conditions { get => field ?? []; init; }

    /// <summary>PEM of the certificate and its intermediates.</summary>
    public byte[] Certificate { get => field ?? []; init; }

    /// <summary>PEM of the CA, as far as the issuer knows it.</summary>
    public byte[] Ca { get => field ?? []; init; }

    public DateTimeOffset? FailureTime { get; init; }
}

/// <summary>
/// A CertificateRequest as it is kept in memory: what decisions compare, without the request and the certificates themselves.
/// </summary>
[JsonConverter(typeof(Projection))]
internal sealed record CertificateRequestView : IObjectView
{
    public required ObjectMetaView Metadata { get; init; }

    public required IssuerReferenceView IssuerRef { get; init; }

    public TimeSpan? Duration { get; init; }

    public bool IsCa { get; init; }

    public IReadOnlyList<string> Usages { get; init; } = [];

    public IReadOnlyList<ConditionView> Conditions { get; init; } = [];

    public DateTimeOffset? FailureTime { get; init; }

    /// <summary>What the PKCS#10 request asks for; null where it cannot be read.</summary>
    public RequestPrints? Asked { get; init; }

    /// <summary>The issued leaf's DER; nothing where none was issued.</summary>
    public Print IssuedLeaf { get; init; }

    /// <summary>Who issued it, where no Certificate stands behind the request: nobody else keeps account of it then.</summary>
    public LeafFacts? Issued { get; init; }

    public bool IsIssued => !IssuedLeaf.IsNone;

    public bool IsDenied => Has("Denied", "True");

    public bool IsApproved => Has("Approved", "True") && !IsDenied;

    public bool IsInvalid => Has("InvalidRequest", "True");

    /// <summary>Whether nothing more will happen to it, and it has no certificate.</summary>
    public bool HasFailed => !IsIssued && (IsDenied || IsInvalid || Conditions.Any(condition =>
        condition is { Type: "Ready", Status: "False", Reason: "Failed" or "Denied" }));

    /// <summary>When it was issued; null where it was not, or nobody says when.</summary>
    public DateTimeOffset? IssuedAt => IsIssued && Condition("Ready") is { Status: "True" } ready ? ready.LastTransitionTime : null;

    /// <summary>Why it was made: reason and message; empty where it does not say.</summary>
    public string Cause => Metadata.Annotations.GetValueOrDefault(WellKnown.Cause) ?? "";

    /// <summary>When it failed; null where it did not, or nobody says when.</summary>
    public DateTimeOffset? FailedAt => !HasFailed ? null : FailureTime
        ?? Conditions.FirstOrDefault(condition => condition is { Type: "Denied" or "InvalidRequest", Status: "True" })?.LastTransitionTime
        ?? Condition("Ready")?.LastTransitionTime;

    /// <summary>Not before this instant is it to be tried again: the issuer said so.</summary>
    public DateTimeOffset? RetryNotBefore { get; init; }

    public ConditionView? Condition(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);

    public static CertificateRequestView Of(CertificateRequestObject whole) => RequestProjection.Of(whole);

    private bool Has(string type, string status) =>
        Conditions.Any(condition => condition.Type == type && condition.Status == status);

    internal sealed class Projection : JsonConverter<CertificateRequestView>
    {
        public override CertificateRequestView? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize(ref reader, IssuanceJson.Default.CertificateRequestObject) is { } whole ? Of(whole) : null;

        public override void Write(Utf8JsonWriter writer, CertificateRequestView value, JsonSerializerOptions options) =>
            throw new NotSupportedException("views are not written");
    }
}
