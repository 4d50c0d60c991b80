// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>What a Secret's annotations say of its certificate; cert-manager's.</summary>
internal static class SecretAnnotations
{
    /// <summary>All annotations of ours; null where one is not to be there.</summary>
    public static Dictionary<string, string?> Of(CertificateView certificate, Certificate leaf)
    {
        var issuer = certificate.Spec.IssuerRef;
        return new(StringComparer.Ordinal)
        {
            [WellKnown.CertificateName] = certificate.Metadata.Name,
            [WellKnown.IssuerName] = issuer.Name,
            [WellKnown.IssuerKind] = issuer.Kind,
            [WellKnown.IssuerGroup] = issuer.Group,
            [WellKnown.CommonName] = leaf.Subject.CommonName ?? "",
            [WellKnown.AltNames] = string.Join(',', leaf.Names.DnsNames),
            [WellKnown.IpSans] = string.Join(',', leaf.Names.IpAddresses),
            [WellKnown.UriSans] = string.Join(',', leaf.Names.Uris),
            [WellKnown.EmailSans] = OrNull(string.Join(',', leaf.Names.EmailAddresses)),
            [WellKnown.SubjectOrganizations] = Csv(leaf, NameAttributeTypes.Organization),
            [WellKnown.SubjectOrganizationalUnits] = Csv(leaf, NameAttributeTypes.OrganizationalUnit),
            [WellKnown.SubjectCountries] = Csv(leaf, NameAttributeTypes.Country),
            [WellKnown.SubjectProvinces] = Csv(leaf, NameAttributeTypes.Province),
            [WellKnown.SubjectLocalities] = Csv(leaf, NameAttributeTypes.Locality),
            [WellKnown.SubjectPostalCodes] = Csv(leaf, NameAttributeTypes.PostalCode),
            [WellKnown.SubjectStreetAddresses] = Csv(leaf, NameAttributeTypes.StreetAddress),
            [WellKnown.SubjectSerialNumber] = OrNull(leaf.Subject.Values(NameAttributeTypes.SubjectSerialNumber).LastOrDefault() ?? ""),
        };
    }

    /// <summary>Whether an annotation only repeats what the certificate says: nothing is decided by it.</summary>
    public static bool OnlyInform(string name) => name is WellKnown.CommonName or WellKnown.AltNames or WellKnown.IpSans or WellKnown.UriSans
        or WellKnown.EmailSans or WellKnown.SubjectOrganizations or WellKnown.SubjectOrganizationalUnits or WellKnown.SubjectCountries
        or WellKnown.SubjectProvinces or WellKnown.SubjectLocalities or WellKnown.SubjectPostalCodes or WellKnown.SubjectStreetAddresses
        or WellKnown.SubjectSerialNumber;

    private static string? Csv(Certificate leaf, string oid) => OrNull(CsvText.Join(leaf.Subject.Values(oid)));

    private static string? OrNull(string text) => text.Length == 0 ? null : text;
}
