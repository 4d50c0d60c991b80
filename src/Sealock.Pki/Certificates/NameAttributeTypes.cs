// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Formats.Asn1;

namespace Sealock.Pki.Certificates;

/// <summary>Attribute types of names: OIDs, the short names of RFC 4514 and openssl, and how values are encoded.</summary>
public static class NameAttributeTypes
{
    /// <summary>commonName.</summary>
    public const string CommonName = Oids.CommonName;

    /// <summary>organizationName.</summary>
    public const string Organization = Oids.Organization;

    /// <summary>organizationalUnitName.</summary>
    public const string OrganizationalUnit = Oids.OrganizationalUnit;

    /// <summary>countryName.</summary>
    public const string Country = Oids.Country;

    /// <summary>localityName.</summary>
    public const string Locality = Oids.Locality;

    /// <summary>stateOrProvinceName.</summary>
    public const string Province = Oids.Province;

    /// <summary>streetAddress.</summary>
    public const string StreetAddress = Oids.StreetAddress;

    /// <summary>postalCode.</summary>
    public const string PostalCode = Oids.PostalCode;

    /// <summary>serialNumber (of the subject).</summary>
    public const string SubjectSerialNumber = Oids.SerialNumber;

    private static readonly (string Oid, string Name)[] Names =
    [
        (Oids.CommonName, "CN"), (Oids.Organization, "O"), (Oids.OrganizationalUnit, "OU"), (Oids.Country, "C"),
        (Oids.Locality, "L"), (Oids.Province, "ST"), (Oids.StreetAddress, "STREET"), (Oids.PostalCode, "POSTALCODE"),
        (Oids.SerialNumber, "SERIALNUMBER"), (Oids.DomainComponent, "DC"), (Oids.UserId, "UID"),
        (Oids.EmailAddress, "emailAddress"),
    ];

    private static readonly SearchValues<char> OidCharacters = SearchValues.Create("0123456789.");

    private static readonly SearchValues<char> Printable = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 '()+,-./:=?");

    /// <summary>The short name of a type, or its OID.</summary>
    public static string ShortNameOf(string oid)
    {
        foreach (var (known, name) in Names)
            if (known == oid)
                return name;
        return oid;
    }

    /// <summary>The OID of a short name (case-insensitive) or of an OID itself; null where it is neither.</summary>
    public static string? OidOf(string shortNameOrOid)
    {
        foreach (var (oid, name) in Names)
            if (name.Equals(shortNameOrOid, StringComparison.OrdinalIgnoreCase))
                return oid;
        return shortNameOrOid.Length > 0 && char.IsAsciiDigit(shortNameOrOid[0])
            && !shortNameOrOid.AsSpan().ContainsAnyExcept(OidCharacters) ? shortNameOrOid : null;
    }

    internal static UniversalTagNumber EncodingOf(string oid, string value) =>
        oid is Oids.DomainComponent or Oids.EmailAddress ? UniversalTagNumber.IA5String
        : value.AsSpan().ContainsAnyExcept(Printable) ? UniversalTagNumber.UTF8String
        : UniversalTagNumber.PrintableString;
}
