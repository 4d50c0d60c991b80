// SPDX-License-Identifier: Apache-2.0
using System.Collections;
using System.Formats.Asn1;
using System.Net;

namespace Sealock.Pki.Certificates;

/// <summary>The subject alternative names of a certificate or request, in order.</summary>
public sealed class SubjectAlternativeNames : IReadOnlyList<GeneralName>
{
    /// <summary>At most this many names are read or written.</summary>
    public const int MaxCount = 1000;

    private readonly IReadOnlyList<GeneralName> names;

    /// <summary>Takes the names in the order given, dropping repetitions.</summary>
    /// <exception cref="PkiFormatException">There are more than <see cref="MaxCount"/>.</exception>
    public SubjectAlternativeNames(IEnumerable<GeneralName> names)
    {
        this.names = [.. names.Distinct()];
        if (this.names.Count > MaxCount)
            throw new PkiFormatException($"expected at most {MaxCount} subject alternative names");
    }

    /// <summary>No names.</summary>
    public static SubjectAlternativeNames None { get; } = new([]);

    /// <summary>The DNS names.</summary>
    public IReadOnlyList<string> DnsNames => TextOf(GeneralNameKind.Dns);

    /// <summary>The email addresses.</summary>
    public IReadOnlyList<string> EmailAddresses => TextOf(GeneralNameKind.Email);

    /// <summary>The URIs.</summary>
    public IReadOnlyList<string> Uris => TextOf(GeneralNameKind.Uri);

    /// <summary>The IP addresses.</summary>
    public IReadOnlyList<IPAddress> IpAddresses => [.. names.Select(n => n.Address).OfType<IPAddress>()];

    /// <inheritdoc/>
    public int Count => names.Count;

    /// <inheritdoc/>
    public GeneralName this[int index] => names[index];

    /// <summary>Server names as users type them: what is an IP address becomes one, the rest is a DNS name.</summary>
    /// <exception cref="PkiFormatException">A name is neither.</exception>
    public static SubjectAlternativeNames ForHosts(params IEnumerable<string> hosts) =>
        new(hosts.Select(h => IPAddress.TryParse(h, out var ip) ? GeneralName.Ip(ip) : GeneralName.Dns(h)));

    internal static SubjectAlternativeNames Read(AsnReader reader)
    {
        var sequence = reader.ReadSequence();
        var names = new List<GeneralName>();
        while (sequence.HasData)
        {
            if (names.Count == MaxCount)
                throw new PkiFormatException($"expected at most {MaxCount} subject alternative names");
            names.Add(GeneralName.Read(sequence));
        }
        return new(names);
    }

    internal void Write(AsnWriter writer)
    {
        using var sequence = writer.PushSequence();
        foreach (var name in names)
            writer.WriteEncodedValue(name.Der.Span);
    }

    private IReadOnlyList<string> TextOf(GeneralNameKind kind) =>
        [.. names.Where(n => n.Kind == kind).Select(n => n.Text)];

    /// <inheritdoc/>
    public IEnumerator<GeneralName> GetEnumerator() => names.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The names as openssl lists them, comma separated.</summary>
    public override string ToString() => string.Join(", ", names);
}
