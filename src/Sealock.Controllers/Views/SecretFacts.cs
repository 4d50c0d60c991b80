// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Serialization;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Views;

/// <summary>
/// A Secret as it is kept in memory: what can be said of its key pair and of its other entries, without any of their contents.
/// </summary>
[JsonConverter(typeof(Projection))]
internal sealed record SecretFacts : IObjectView
{
    public required ObjectMetaView Metadata { get; init; }

    public string Type { get; init; } = "";

    /// <summary>Names of the entries that hold anything.</summary>
    public IReadOnlyList<string> Entries { get; init; } = [];

    /// <summary>The first certificate of <c>tls.crt</c>; null where there is none that can be read.</summary>
    public LeafFacts? Leaf { get; init; }

    /// <summary>Why <c>tls.crt</c> cannot be read; empty where it can, or is absent.</summary>
    public string CertificateProblem { get; init; } = "";

    /// <summary>The public half of <c>tls.key</c>; nothing where there is none that can be read.</summary>
    public Print Key { get; init; }

    public KeyKind KeyKind { get; init; }

    public int KeyBits { get; init; }

    /// <summary>Whether the key is written as PKCS#8.</summary>
    public bool IsPkcs8 { get; init; }

    /// <summary>Why <c>tls.key</c> cannot be read; empty where it can, or is absent.</summary>
    public string KeyProblem { get; init; } = "";

    /// <summary>Whether <c>tls-combined.pem</c>, where it is there, is the key and the certificate beside it.</summary>
    public bool CombinedFits { get; init; } = true;

    /// <summary>Whether <c>key.der</c>, where it is there, is the key beside it.</summary>
    public bool DerFits { get; init; } = true;

    /// <summary>Of <c>ca.crt</c>; nothing where there is none.</summary>
    public Print Authorities { get; init; }

    /// <summary>Of the certificates after the leaf in <c>tls.crt</c>, by their SHA-256; nothing where there are none.</summary>
    public Print Presented { get; init; }

    public bool Has(string entry) => Entries.Contains(entry, StringComparer.Ordinal);

    public static SecretFacts Of(SecretView whole) => SecretProjection.Of(whole);

    internal sealed class Projection : JsonConverter<SecretFacts>
    {
        public override SecretFacts? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize(ref reader, ViewJson.Default.SecretView) is { } whole ? Of(whole) : null;

        public override void Write(Utf8JsonWriter writer, SecretFacts value, JsonSerializerOptions options) =>
            throw new NotSupportedException("views are not written");
    }
}

/// <summary>What is kept of a leaf certificate.</summary>
internal sealed record LeafFacts
{
    /// <summary>Of the whole certificate's DER.</summary>
    public required Print Certificate { get; init; }

    /// <summary>Of its public key.</summary>
    public required Print Key { get; init; }

    /// <summary>What it says of who issued it, as <see cref="Authorities.AuthorityId"/> has it.</summary>
    public Print Authority { get; init; }

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    /// <summary>Of its issuer's key and its serial number, by which it would be revoked.</summary>
    public Print Mark { get; init; }

    /// <summary>Of common name and DNS names together: CAs move names between the two.</summary>
    public Print Hosts { get; init; }

    public Print IpAddresses { get; init; }

    public Print Uris { get; init; }

    public Print EmailAddresses { get; init; }
}
