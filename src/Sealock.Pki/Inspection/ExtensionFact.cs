// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Text;
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Inspection;

/// <summary>An extension that is only named, not explained.</summary>
/// <param name="Oid">Its type.</param>
/// <param name="Name">The type in words; null where it is not known.</param>
/// <param name="IsCritical">Whether a verifier that does not know it must refuse.</param>
/// <param name="Value">The DER inside the OCTET STRING.</param>
/// <param name="Text">The value as text, where it is one string of printable characters.</param>
public sealed record ExtensionFact(string Oid, string? Name, bool IsCritical, ReadOnlyMemory<byte> Value, string? Text)
{
    private static readonly string[] Explained =
    [
        Oids.BasicConstraints, Oids.KeyUsage, Oids.ExtendedKeyUsage, Oids.SubjectAltName, Oids.NameConstraints,
        Oids.SubjectKeyIdentifier, Oids.AuthorityKeyIdentifier, Oids.CrlDistributionPoints, Oids.AuthorityInfoAccess,
        Oids.CertificatePolicies, Oids.CrlNumber,
    ];

    /// <summary>Those of a list that <see cref="CertificateFacts"/> has no words of their own for.</summary>
    public static IReadOnlyList<ExtensionFact> ListOthers(IEnumerable<CertificateExtension> extensions) =>
        [.. extensions.Where(e => !Explained.Contains(e.Oid)).Select(e => new ExtensionFact(e.Oid, OidNames.Find(e.Oid), e.IsCritical, e.Value, TextOf(e.Value)))];

    private static string? TextOf(ReadOnlyMemory<byte> value)
    {
        try
        {
            var reader = new AsnReader(value, AsnEncodingRules.DER);
            var tag = reader.PeekTag();
            if (tag.TagClass != TagClass.Universal || tag.IsConstructed)
                return null;
            var type = (UniversalTagNumber)tag.TagValue;
            if (type is not (UniversalTagNumber.UTF8String or UniversalTagNumber.IA5String or UniversalTagNumber.PrintableString or UniversalTagNumber.BMPString))
                return null;
            var text = reader.ReadCharacterString(type);
            return reader.HasData || text.EnumerateRunes().Any(Rune.IsControl) ? null : text;
        }
        catch (Exception e) when (Der.IsMalformed(e))
        {
            return null;
        }
    }
}

/// <summary>One certificate policy.</summary>
/// <param name="Oid">The policy.</param>
/// <param name="Name">The policy in words; null where it is not known.</param>
/// <param name="Statements">Where the issuer's practice statements are (CPS URLs).</param>
public sealed record PolicyFact(string Oid, string? Name, IReadOnlyList<string> Statements)
{
    private const int MaxPolicies = 200;
    private const string PracticeStatement = "1.3.6.1.5.5.7.2.1";

    /// <summary>The policies of a certificate; none where the list is malformed.</summary>
    internal static IReadOnlyList<PolicyFact> ListOf(IEnumerable<CertificateExtension> extensions)
    {
        if (extensions.FirstOrDefault(e => e.Oid == Oids.CertificatePolicies) is not { } extension)
            return [];
        try
        {
            return Der.Parse("certificatePolicies", extension.Value, Read);
        }
        catch (PkiFormatException)
        {
            return [];
        }
    }

    private static List<PolicyFact> Read(AsnReader reader)
    {
        var policies = new List<PolicyFact>();
        var sequence = reader.ReadSequence();
        while (sequence.HasData && policies.Count < MaxPolicies)
        {
            var policy = sequence.ReadSequence();
            var oid = policy.ReadObjectIdentifier();
            List<string> statements = [];
            var qualifiers = policy.HasData ? policy.ReadSequence() : null;
            while (qualifiers is { HasData: true } && statements.Count < MaxPolicies)
            {
                var qualifier = qualifiers.ReadSequence();
                if (qualifier.ReadObjectIdentifier() == PracticeStatement)
                    statements.Add(qualifier.ReadCharacterString(UniversalTagNumber.IA5String));
            }

            policies.Add(new(oid, OidNames.Find(oid), statements));
        }

        return policies;
    }
}
