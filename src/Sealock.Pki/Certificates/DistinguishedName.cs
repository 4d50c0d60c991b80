// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Text;

namespace Sealock.Pki.Certificates;

/// <summary>One attribute of a name.</summary>
/// <param name="Oid">The attribute's type, e.g. <c>2.5.4.3</c>.</param>
/// <param name="Value">The text; <c>#</c> and the value's DER in hexadecimal where it is no string.</param>
/// <param name="IsText">False where <paramref name="Value"/> is hexadecimal.</param>
public sealed record NameAttribute(string Oid, string Value, bool IsText = true)
{
    /// <summary>The short name (<c>CN</c>, <c>O</c>…), or the OID where there is none.</summary>
    public string ShortName => NameAttributeTypes.ShortNameOf(Oid);
}

/// <summary>
/// An X.501 name: relative distinguished names in the order they are encoded. Equal where the DER is equal, which is
/// how Go (and so Kubernetes) chains certificates.
/// </summary>
public sealed class DistinguishedName : IEquatable<DistinguishedName>
{
    private const int MaxBytes = 64 * 1024;
    private const int MaxAttributes = 512;

    private DistinguishedName(ReadOnlyMemory<byte> der, IReadOnlyList<IReadOnlyList<NameAttribute>> rdns)
    {
        Der = der;
        Rdns = rdns;
    }

    /// <summary>The name without attributes.</summary>
    public static DistinguishedName Empty { get; } = new(new byte[] { 0x30, 0 }, []);

    /// <summary>The encoded Name.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The RDNs in encoded order, each a set of one or more attributes.</summary>
    public IReadOnlyList<IReadOnlyList<NameAttribute>> Rdns { get; }

    /// <summary>All attributes in encoded order.</summary>
    public IEnumerable<NameAttribute> Attributes => Rdns.SelectMany(rdn => rdn);

    /// <summary>True where there is no attribute.</summary>
    public bool IsEmpty => Rdns.Count == 0;

    /// <summary>The last common name, as Go reads it (Kubernetes' user name); null where there is none.</summary>
    public string? CommonName => Values(Oids.CommonName).LastOrDefault();

    /// <summary>Every organization, in order (Kubernetes' groups).</summary>
    public IReadOnlyList<string> Organizations => [.. Values(Oids.Organization)];

    /// <summary>Every organizational unit, in order.</summary>
    public IReadOnlyList<string> OrganizationalUnits => [.. Values(Oids.OrganizationalUnit)];

    /// <summary>The text values of an attribute type, in order.</summary>
    public IEnumerable<string> Values(string oid) =>
        Attributes.Where(a => a.IsText && a.Oid == oid).Select(a => a.Value);

    /// <summary>Reads a Name.</summary>
    /// <exception cref="PkiFormatException">It is malformed or unreasonably large.</exception>
    public static DistinguishedName Parse(ReadOnlyMemory<byte> der) => Pki.Der.Parse("a Name", der, Read);

    /// <summary>Reads the string form of RFC 4514, e.g. <c>CN=jane,O=dev\, ops</c> (most specific first).</summary>
    /// <exception cref="PkiFormatException">The text is not in that form.</exception>
    public static DistinguishedName ParseText(string text) => Create(DistinguishedNameText.Parse(text));

    /// <summary>A name of one common name and organizations, as Kubernetes clients have it.</summary>
    public static DistinguishedName Create(string? commonName, params IEnumerable<string> organizations)
    {
        var rdns = organizations.Select(o => (IReadOnlyList<NameAttribute>)[new NameAttribute(Oids.Organization, o)]);
        return Create([.. rdns, .. commonName is null ? (IReadOnlyList<NameAttribute>[])[]
            : [[new NameAttribute(Oids.CommonName, commonName)]]]);
    }

    /// <summary>A name of the given RDNs, in encoded order.</summary>
    /// <exception cref="PkiFormatException">An attribute's type or value cannot be encoded.</exception>
    public static DistinguishedName Create(IReadOnlyList<IReadOnlyList<NameAttribute>> rdns)
    {
        try
        {
            return Parse(Pki.Der.Write(writer => Write(writer, rdns)));
        }
        catch (Exception e) when (Pki.Der.IsMalformed(e))
        {
            throw new PkiFormatException($"the name cannot be encoded: {e.Message}", e);
        }
    }

    internal static DistinguishedName Read(AsnReader reader)
    {
        var der = reader.PeekEncodedValue();
        if (der.Length > MaxBytes)
            throw new PkiFormatException($"expected a name of at most {MaxBytes} bytes");
        var count = 0;
        var rdns = new List<IReadOnlyList<NameAttribute>>();
        var sequence = reader.ReadSequence();
        while (sequence.HasData)
        {
            var attributes = new List<NameAttribute>(1);
            // Go and OpenSSL do not insist on the SET's DER order.
            var set = sequence.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                if (++count > MaxAttributes)
                    throw new PkiFormatException($"expected a name of at most {MaxAttributes} attributes");
                var attribute = set.ReadSequence();
                var oid = attribute.ReadObjectIdentifier();
                attributes.Add(ReadValue(oid, attribute));
                attribute.ThrowIfNotEmpty();
            }
            if (attributes.Count == 0)
                throw new PkiFormatException("expected at least one attribute in a relative distinguished name");
            rdns.Add(attributes);
        }
        return new(der, rdns);
    }

    private static NameAttribute ReadValue(string oid, AsnReader reader)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass == TagClass.Universal && !tag.IsConstructed)
        {
            switch ((UniversalTagNumber)tag.TagValue)
            {
                case UniversalTagNumber.UTF8String or UniversalTagNumber.IA5String or UniversalTagNumber.BMPString
                    or UniversalTagNumber.NumericString or UniversalTagNumber.T61String:
                    return new(oid, reader.ReadCharacterString((UniversalTagNumber)tag.TagValue));
                case UniversalTagNumber.PrintableString:
                    // Widely issued with characters outside PrintableString (*, @, _, &): any ASCII is read.
                    var content = reader.PeekContentBytes().Span;
                    if (!Ascii.IsValid(content))
                        throw new PkiFormatException("expected ASCII in a PrintableString");
                    reader.ReadEncodedValue();
                    return new(oid, Encoding.ASCII.GetString(content));
            }
        }
        return new(oid, "#" + Convert.ToHexString(reader.ReadEncodedValue().Span), IsText: false);
    }

    private static void Write(AsnWriter writer, IReadOnlyList<IReadOnlyList<NameAttribute>> rdns)
    {
        using var sequence = writer.PushSequence();
        foreach (var rdn in rdns)
        {
            using var set = writer.PushSetOf();
            foreach (var (oid, value, isText) in rdn)
            {
                using var attribute = writer.PushSequence();
                writer.WriteObjectIdentifier(oid);
                if (isText)
                    writer.WriteCharacterString(NameAttributeTypes.EncodingOf(oid, value), value);
                else
                    writer.WriteEncodedValue(Convert.FromHexString(value.AsSpan(1)));
            }
        }
    }

    /// <inheritdoc/>
    public bool Equals(DistinguishedName? other) => other is not null && Der.Span.SequenceEqual(other.Der.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DistinguishedName);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Der.Span);
        return hash.ToHashCode();
    }

    /// <summary>The RFC 4514 text: most specific RDN first, e.g. <c>CN=jane,O=dev</c>.</summary>
    public override string ToString() => DistinguishedNameText.Format(this);
}
