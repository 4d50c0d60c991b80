// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;
using System.Net;
using System.Text;

namespace Sealock.Pki.Certificates;

/// <summary>The kinds of GeneralName (RFC 5280 4.2.1.6); the values are the context tags.</summary>
public enum GeneralNameKind
{
    /// <summary>A type of its own, named by OID.</summary>
    OtherName = 0,

    /// <summary>An email address.</summary>
    Email = 1,

    /// <summary>A DNS name.</summary>
    Dns = 2,

    /// <summary>An X.400 address.</summary>
    X400Address = 3,

    /// <summary>An X.501 name.</summary>
    Directory = 4,

    /// <summary>An EDI party name.</summary>
    EdiParty = 5,

    /// <summary>A URI.</summary>
    Uri = 6,

    /// <summary>An IP address; in name constraints an address with its mask.</summary>
    IpAddress = 7,

    /// <summary>A registered OID.</summary>
    RegisteredId = 8,
}

/// <summary>One name of a subject alternative name, of a name constraint or of a distribution point.</summary>
public sealed record GeneralName
{
    private GeneralName(GeneralNameKind kind, string text, ReadOnlyMemory<byte> der) => (Kind, Text, Der) = (kind, text, der);

    /// <summary>Which kind of name it is.</summary>
    public GeneralNameKind Kind { get; }

    /// <summary>
    /// The name as text: the DNS name, address, URI, IP address (<c>10.0.0.0/8</c> in constraints), RFC 4514 name,
    /// OID; for otherName <c>oid;value</c>, for the rest hexadecimal.
    /// </summary>
    public string Text { get; }

    /// <summary>The encoded GeneralName.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The address, where <see cref="Kind"/> is an IP address outside a constraint.</summary>
    public IPAddress? Address => Kind == GeneralNameKind.IpAddress && IPAddress.TryParse(Text, out var ip) ? ip : null;

    /// <summary>A DNS name; may start with <c>*.</c>.</summary>
    /// <exception cref="PkiFormatException">It is empty, longer than 253 characters or not ASCII.</exception>
    public static GeneralName Dns(string name) => Ia5(GeneralNameKind.Dns, name, 253, "a DNS name");

    /// <summary>An email address.</summary>
    /// <exception cref="PkiFormatException">It is empty, longer than 320 characters or not ASCII.</exception>
    public static GeneralName Email(string address) => Ia5(GeneralNameKind.Email, address, 320, "an email address");

    /// <summary>A URI.</summary>
    /// <exception cref="PkiFormatException">It is not an absolute URI in ASCII of at most 2,048 characters.</exception>
    public static GeneralName Uri(string uri)
    {
        if (!System.Uri.TryCreate(uri, UriKind.Absolute, out _) || !uri.Contains(':', StringComparison.Ordinal))
            throw new PkiFormatException("expected an absolute URI");
        return Ia5(GeneralNameKind.Uri, uri, 2048, "a URI");
    }

    /// <summary>An IP address (an IPv4-mapped IPv6 address becomes IPv4).</summary>
    public static GeneralName Ip(IPAddress address)
    {
        var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        return Parse(Pki.Der.Write(writer => writer.WriteOctetString(plain.GetAddressBytes(), TagOf(GeneralNameKind.IpAddress))));
    }

    /// <summary>A directory name.</summary>
    public static GeneralName Directory(DistinguishedName name) =>
        Parse(Pki.Der.Write(writer =>
        {
            using (writer.PushSequence(TagOf(GeneralNameKind.Directory)))
                writer.WriteEncodedValue(name.Der.Span);
        }));

    /// <summary>An otherName whose value is a UTF8String (user principal names and the like).</summary>
    /// <exception cref="PkiFormatException">The OID is malformed.</exception>
    public static GeneralName OtherName(string oid, string utf8Value)
    {
        try
        {
            return Parse(Pki.Der.Write(writer =>
            {
                using (writer.PushSequence(TagOf(GeneralNameKind.OtherName)))
                {
                    writer.WriteObjectIdentifier(oid);
                    using (writer.PushSequence(Pki.Der.Context0))
                        writer.WriteCharacterString(UniversalTagNumber.UTF8String, utf8Value);
                }
            }));
        }
        catch (ArgumentException e)
        {
            throw new PkiFormatException("expected an object identifier and text for an otherName", e);
        }
    }

    /// <summary>Reads one GeneralName.</summary>
    /// <exception cref="PkiFormatException">It is malformed.</exception>
    public static GeneralName Parse(ReadOnlyMemory<byte> der) => Pki.Der.Parse("a GeneralName", der, r => Read(r));

    /// <summary>Reads the next GeneralName; <paramref name="isConstraint"/> admits masks and empty names.</summary>
    internal static GeneralName Read(AsnReader reader, bool isConstraint = false)
    {
        var tag = reader.PeekTag();
        if (tag.TagClass != TagClass.ContextSpecific || tag.TagValue > 8)
            throw new PkiFormatException("expected a GeneralName of one of the nine kinds");
        var kind = (GeneralNameKind)tag.TagValue;
        var der = reader.PeekEncodedValue();
        return new(kind, ReadText(reader, kind, tag, isConstraint), der);
    }

    private static string ReadText(AsnReader reader, GeneralNameKind kind, Asn1Tag tag, bool isConstraint)
    {
        switch (kind)
        {
            case GeneralNameKind.Dns or GeneralNameKind.Email or GeneralNameKind.Uri:
                return reader.ReadCharacterString(UniversalTagNumber.IA5String, tag);
            case GeneralNameKind.IpAddress:
                var bytes = reader.ReadOctetString(tag);
                if (isConstraint)
                    return IpRange.Parse(bytes).ToString();
                return bytes.Length is 4 or 16
                    ? new IPAddress(bytes).ToString()
                    : throw new PkiFormatException("expected an IP address of 4 or 16 bytes");
            case GeneralNameKind.Directory:
                var wrapped = reader.ReadSequence(tag);
                var name = DistinguishedName.Read(wrapped);
                wrapped.ThrowIfNotEmpty();
                return name.ToString();
            case GeneralNameKind.RegisteredId:
                return reader.ReadObjectIdentifier(tag);
            case GeneralNameKind.OtherName:
                var other = reader.ReadSequence(tag);
                var oid = other.ReadObjectIdentifier();
                var value = other.ReadSequence(Pki.Der.Context0);
                var text = value.PeekTag().HasSameClassAndValue(new Asn1Tag(UniversalTagNumber.UTF8String))
                    ? value.ReadCharacterString(UniversalTagNumber.UTF8String)
                    : "#" + Convert.ToHexString(value.ReadEncodedValue().Span);
                value.ThrowIfNotEmpty();
                other.ThrowIfNotEmpty();
                return $"{oid};{text}";
            default:
                return "#" + Convert.ToHexString(reader.ReadEncodedValue().Span);
        }
    }

    private static GeneralName Ia5(GeneralNameKind kind, string text, int maxLength, string what)
    {
        if (text.Length == 0 || text.Length > maxLength || !Ascii.IsValid(text) || text.AsSpan().ContainsAnyInRange('\0', ' '))
            throw new PkiFormatException($"expected {what} of 1 to {maxLength} ASCII characters without spaces");
        return Parse(Pki.Der.Write(writer => writer.WriteCharacterString(UniversalTagNumber.IA5String, text, TagOf(kind))));
    }

    internal static Asn1Tag TagOf(GeneralNameKind kind) => new(TagClass.ContextSpecific, (int)kind);

    /// <inheritdoc/>
    public bool Equals(GeneralName? other) => other is not null && Der.Span.SequenceEqual(other.Der.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Kind, Text);

    /// <summary>The form of openssl's configuration: <c>DNS:…</c>, <c>IP:…</c>, <c>email:…</c>, <c>URI:…</c>, …</summary>
    public override string ToString() => Kind switch
    {
        GeneralNameKind.Dns => "DNS:",
        GeneralNameKind.IpAddress => "IP:",
        GeneralNameKind.Email => "email:",
        GeneralNameKind.Uri => "URI:",
        GeneralNameKind.Directory => "dirName:",
        GeneralNameKind.OtherName => "otherName:",
        GeneralNameKind.RegisteredId => "RID:",
        GeneralNameKind.X400Address => "X400:",
        _ => "EDI:",
    } + Text;
}
