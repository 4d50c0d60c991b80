// SPDX-License-Identifier: Apache-2.0
using System.Formats.Asn1;

namespace Sealock.Pki.Certificates;

/// <summary>The name constraints of a CA certificate (RFC 5280 4.2.1.10).</summary>
public sealed record NameConstraints
{
    private const int MaxSubtrees = 1000;

    /// <summary>Where a kind of name is listed here, names of that kind must lie in one of its subtrees.</summary>
    public IReadOnlyList<GeneralName> Permitted { get; init; } = [];

    /// <summary>No name may lie in one of these subtrees.</summary>
    public IReadOnlyList<GeneralName> Excluded { get; init; } = [];

    /// <summary>A DNS subtree: the name itself and everything below it; the empty string is every name.</summary>
    public static GeneralName DnsSubtree(string domain) => Text(GeneralNameKind.Dns, domain);

    /// <summary>An email subtree: one mailbox, a host, or (with a leading dot) the hosts of a domain.</summary>
    public static GeneralName EmailSubtree(string mailboxOrHost) => Text(GeneralNameKind.Email, mailboxOrHost);

    /// <summary>A URI subtree: a host or (with a leading dot) the hosts of a domain.</summary>
    public static GeneralName UriSubtree(string host) => Text(GeneralNameKind.Uri, host);

    /// <summary>A range of addresses such as <c>10.0.0.0/8</c>.</summary>
    /// <exception cref="PkiFormatException">It is not an IP range.</exception>
    public static GeneralName IpSubtree(string cidr) =>
        Constraint(writer => writer.WriteOctetString(
            IpRange.Parse(cidr).ToBytes(), GeneralName.TagOf(GeneralNameKind.IpAddress)));

    internal static NameConstraints Read(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        var permitted = ReadSubtrees(sequence, Der.Context0);
        var excluded = ReadSubtrees(sequence, Der.Context1);
        sequence.ThrowIfNotEmpty();
        if (permitted.Count == 0 && excluded.Count == 0)
            throw new PkiFormatException("expected at least one subtree in the name constraints");
        return new() { Permitted = permitted, Excluded = excluded };
    }

    internal void Write(AsnWriter writer)
    {
        using var sequence = writer.PushSequence();
        WriteSubtrees(writer, Permitted, Der.Context0);
        WriteSubtrees(writer, Excluded, Der.Context1);
    }

    private static List<GeneralName> ReadSubtrees(AsnReader reader, Asn1Tag tag)
    {
        var names = new List<GeneralName>();
        if (!reader.HasData || !reader.PeekTag().HasSameClassAndValue(tag))
            return names;
        var subtrees = reader.ReadSequence(tag);
        while (subtrees.HasData)
        {
            if (names.Count == MaxSubtrees)
                throw new PkiFormatException($"expected at most {MaxSubtrees} subtrees in the name constraints");
            var subtree = subtrees.ReadSequence();
            names.Add(GeneralName.Read(subtree, isConstraint: true));
            // minimum must be 0 and maximum absent; DER omits the default minimum.
            if (subtree.HasData)
                throw new PkiFormatException("expected name constraints without minimum and maximum");
        }
        return names;
    }

    private static void WriteSubtrees(AsnWriter writer, IReadOnlyList<GeneralName> names, Asn1Tag tag)
    {
        if (names.Count == 0)
            return;
        using var subtrees = writer.PushSequence(tag);
        foreach (var name in names)
            using (writer.PushSequence())
                writer.WriteEncodedValue(name.Der.Span);
    }

    private static GeneralName Text(GeneralNameKind kind, string text)
    {
        try
        {
            return Constraint(writer =>
                writer.WriteCharacterString(UniversalTagNumber.IA5String, text, GeneralName.TagOf(kind)));
        }
        catch (ArgumentException e)
        {
            throw new PkiFormatException("expected ASCII in a name constraint", e);
        }
    }

    private static GeneralName Constraint(Action<AsnWriter> write) =>
        Der.Parse("a name constraint", Der.Write(write), reader => GeneralName.Read(reader, isConstraint: true));
}
