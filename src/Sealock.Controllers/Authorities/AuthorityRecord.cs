// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>
/// What is recorded of an issuer's CA, in a Secret of our own beside the issuer's: the CA that has signed so far with its key, and
/// while it is being replaced the one to come. So the CA in the issuer's Secret may be replaced by anybody at any time: what it was
/// is still known, and can sign until its successor is trusted.
/// </summary>
[JsonConverter(typeof(Projection))]
internal sealed record AuthorityRecord : IObjectView
{
    private readonly CertificateAuthority? _old;
    private readonly CertificateAuthority? _new;

    private AuthorityRecord(SecretView secret)
    {
        Metadata = secret.Metadata;
        Phase = PhaseRules.Find(Annotation(RecordNames.Phase)) ?? RotationPhase.Stable;
        Since = Time(Annotation(RecordNames.Since)) ?? default;
        Settled = Time(Annotation(RecordNames.Settled));
        try
        {
            (Old, _old) = Read(secret, RecordNames.OldChain, RecordNames.OldKey, RecordNames.OldTrusted);
            (New, _new) = Read(secret, RecordNames.NewChain, RecordNames.NewKey, RecordNames.NewTrusted);
            var cross = SecretContent.ReadOrNone(secret.Data.GetValueOrDefault(RecordNames.Cross));
            // Without the key of the CA whose turn it is, the record is of no use.
            if (Old is not null && (New is not null || Phase == RotationPhase.Stable) && (PhaseRules.NewSigns(Phase) ? _new : _old) is { } signing)
                Plan = new AuthorityPlan(Phase, new AuthorityRotation { Old = Old, New = New ?? Old, Cross = cross }.At(Phase), signing);
        }
        catch (PkiFormatException)
        {
            // Somebody has spoilt it: it is made anew.
        }
    }

    public ObjectMetaView Metadata { get; }

    public RotationPhase Phase { get; }

    /// <summary>When the phase was entered.</summary>
    public DateTimeOffset Since { get; }

    /// <summary>When everybody was first seen to hold what the phase asks for; null: not yet.</summary>
    public DateTimeOffset? Settled { get; }

    /// <summary>The CA from which everything started.</summary>
    public AuthorityRoles? Old { get; }

    /// <summary>The CA to come; null where there is none.</summary>
    public AuthorityRoles? New { get; }

    /// <summary>What follows for everybody; null where the record cannot be read.</summary>
    public AuthorityPlan? Plan { get; }

    /// <summary>The CA that certifies its successor; null where its key is not at hand.</summary>
    public CertificateAuthority? OldAuthority => _old;

    public static ResourceType<AuthorityRecord> Type { get; } = new("", "v1", "secrets", true, AuthorityJson.Default.AuthorityRecord);

    /// <summary>What a CA in a Secret stands for: its own chain up to the root that is known, and whom its leaves' holders trust.</summary>
    public static AuthorityRoles RolesOf(IReadOnlyList<Certificate> chain, IReadOnlyList<Certificate> trusted)
    {
        var top = chain[^1];
        var root = top.IsSelfIssued ? null : trusted.FirstOrDefault(
            ca => ca.IsSelfIssued && ca.Subject.Equals(top.Issuer) && top.RefuseSignature(ca.PublicKey) is null);
        return new()
        {
            Signing = root is null ? chain : [.. chain, root],
            Trusted = trusted.Count > 0 ? trusted : [top],
            Presented = [.. chain.Where(certificate => !certificate.IsSelfIssued)],
        };
    }

    private static (AuthorityRoles? Roles, CertificateAuthority? Authority) Read(SecretView secret, string chain, string key, string trusted)
    {
        if (secret.Data.GetValueOrDefault(chain) is not { Length: > 0 } pem)
            return (null, null);
        var certificates = Certificate.ListFromPem(Encoding.UTF8.GetString(pem));
        var roles = RolesOf(certificates, SecretContent.ReadOrNone(secret.Data.GetValueOrDefault(trusted)));
        return (roles, secret.Data.GetValueOrDefault(key) is { Length: > 0 } keyPem
            ? CertificateAuthority.FromPem(Encoding.UTF8.GetString(pem), Encoding.UTF8.GetString(keyPem)) : null);
    }

    private string Annotation(string name) => Metadata.Annotations.GetValueOrDefault(name) ?? "";

    private static DateTimeOffset? Time(string text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    internal sealed class Projection : JsonConverter<AuthorityRecord>
    {
        public override AuthorityRecord? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize(ref reader, ViewJson.Default.SecretView) is { } secret ? new(secret) : null;

        public override void Write(Utf8JsonWriter writer, AuthorityRecord value, JsonSerializerOptions options) =>
            throw new NotSupportedException("views are not written");
    }
}

[JsonSourceGenerationOptions(GenerationMode = JsonSourceGenerationMode.Metadata)]
[JsonSerializable(typeof(AuthorityRecord))]
internal sealed partial class AuthorityJson : JsonSerializerContext;
