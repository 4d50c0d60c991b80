// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Issuing;

/// <summary>What a certificate authority is asked to certify.</summary>
public sealed record IssuanceRequest
{
    /// <summary>Whom the certificate names.</summary>
    public required DistinguishedName Subject { get; init; }

    /// <summary>The key to certify.</summary>
    public required PublicKeyInfo PublicKey { get; init; }

    /// <summary>Usages, CA flag, path length.</summary>
    public required CertificateProfile Profile { get; init; }

    /// <summary>Subject alternative names.</summary>
    public SubjectAlternativeNames Names { get; init; } = SubjectAlternativeNames.None;

    /// <summary>How long it lives; null for the profile's default. Never beyond the issuer's end.</summary>
    public TimeSpan? Lifetime { get; init; }

    /// <summary>How its validity is counted; null as the CA does it.</summary>
    public ValidityRules? Validity { get; init; }

    /// <summary>Name constraints (CAs only).</summary>
    public NameConstraints? NameConstraints { get; init; }

    /// <summary>CRL distribution points.</summary>
    public IReadOnlyList<string> CrlUrls { get; init; } = [];

    /// <summary>OCSP responders.</summary>
    public IReadOnlyList<string> OcspUrls { get; init; } = [];

    /// <summary>Where the issuer's certificate is to be found.</summary>
    public IReadOnlyList<string> IssuerUrls { get; init; } = [];

    /// <summary>More extensions, as they are; none of a type that the other members stand for.</summary>
    public IReadOnlyList<CertificateExtension> Extensions { get; init; } = [];

    /// <summary>The subject key identifier to keep (cross-signing, renewal of a CA); empty to derive it from the key.</summary>
    public ReadOnlyMemory<byte> SubjectKeyIdentifier { get; init; }
}

/// <summary>When a certificate's validity begins and ends, seen from the moment of signing.</summary>
public sealed record ValidityRules
{
    /// <summary>From beginning to end never longer than was asked for; short lifetimes are backdated by a twentieth only.</summary>
    public static ValidityRules WithinLifetime { get; } = new() { KeepFullBelow = TimeSpan.Zero, LargestShare = 1 / 20d };

    /// <summary>How far the beginning lies in the past, for clocks that are behind.</summary>
    public TimeSpan Backdate { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Lifetimes below this keep their full length from now on; longer ones count from the backdated beginning.</summary>
    public TimeSpan KeepFullBelow { get; init; } = TimeSpan.FromHours(8);

    /// <summary>Which share of the lifetime may lie in the past.</summary>
    public double LargestShare { get; init; } = 1;

    /// <summary>The validity of a certificate signed at <paramref name="now"/>, cut at the issuer's end.</summary>
    public (DateTimeOffset NotBefore, DateTimeOffset NotAfter) Apply(
        DateTimeOffset now, TimeSpan lifetime, DateTimeOffset issuerNotBefore, DateTimeOffset issuerNotAfter)
    {
        var start = Der.WholeSeconds(now);
        // The calendar ends before some lifetimes that users ask for.
        var room = DateTimeOffset.MaxValue - start - TimeSpan.FromDays(1);
        var length = lifetime < room ? lifetime : room;
        var share = lifetime < KeepFullBelow ? Backdate : length * LargestShare;
        var notBefore = Der.WholeSeconds(start - (share < Backdate ? share : Backdate));
        var notAfter = lifetime < KeepFullBelow ? start + length : notBefore + length;
        return (notBefore < issuerNotBefore ? issuerNotBefore : notBefore,
            Der.WholeSeconds(notAfter > issuerNotAfter ? issuerNotAfter : notAfter));
    }
}
