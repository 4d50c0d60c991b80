// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Sealock.Acme.Dns;

/// <summary>The types of record that are used here; others are only numbers.</summary>
public enum DnsType : ushort
{
    /// <summary>No type: the null value.</summary>
    None = 0,

    /// <summary>An IPv4 address.</summary>
    A = 1,

    /// <summary>A zone's server.</summary>
    Ns = 2,

    /// <summary>An alias.</summary>
    Cname = 5,

    /// <summary>The beginning of a zone.</summary>
    Soa = 6,

    /// <summary>Text.</summary>
    Txt = 16,

    /// <summary>An IPv6 address.</summary>
    Aaaa = 28,

    /// <summary>What the sender can take (EDNS).</summary>
    Opt = 41,

    /// <summary>A signature over the message (RFC 8945).</summary>
    Tsig = 250,

    /// <summary>Who may issue certificates (RFC 8659).</summary>
    Caa = 257,
}

/// <summary>The classes of record; INTERNET but for updates and signatures.</summary>
internal enum DnsClass : ushort
{
    Internet = 1,
    None = 254,
    Any = 255,
}

/// <summary>A record.</summary>
/// <param name="Name">Its owner; see <see cref="DnsName"/>.</param>
/// <param name="Type">Its type.</param>
/// <param name="Class">Its class as a number; 1 is INTERNET.</param>
/// <param name="TimeToLive">Seconds it may be kept.</param>
/// <param name="Data">Its data, names in it as they stand in the message.</param>
public sealed record DnsRecord(string Name, DnsType Type, ushort Class, uint TimeToLive, ReadOnlyMemory<byte> Data)
{
    /// <summary>The name in the data of an NS, CNAME or SOA record (its first server); empty for others.</summary>
    public string Target { get; init; } = "";

    /// <summary>The address of an A or AAAA record; null for others.</summary>
    public IPAddress? Address => (Type, Data.Length) is (DnsType.A, 4) or (DnsType.Aaaa, 16) ? new IPAddress(Data.Span) : null;

    /// <summary>The text of a TXT record, its parts joined; null for others, and where the parts do not add up.</summary>
    public string? Text
    {
        get
        {
            if (Type != DnsType.Txt)
                return null;
            var text = new StringBuilder();
            for (var rest = Data.Span; rest.Length > 0; rest = rest[(1 + rest[0])..])
            {
                if (rest.Length < 1 + rest[0])
                    return null;
                text.Append(Encoding.Latin1.GetString(rest.Slice(1, rest[0])));
            }

            return text.ToString();
        }
    }

    /// <summary>A TXT record's data.</summary>
    /// <exception cref="DnsFormatException">The text is not of 1 to 4,096 characters of Latin-1.</exception>
    internal static byte[] TextData(string text)
    {
        if (text.Length is 0 or > 4096 || text.Any(c => c > 0xff))
            throw new DnsFormatException("expected a text of 1 to 4,096 characters for a TXT record");
        var data = new List<byte>();
        foreach (var part in Encoding.Latin1.GetBytes(text).Chunk(255))
        {
            data.Add((byte)part.Length);
            data.AddRange(part);
        }

        return [.. data];
    }

    /// <summary>Writes it as it stands in messages.</summary>
    internal void Write(List<byte> to)
    {
        DnsName.Write(to, Name);
        Span<byte> rest = stackalloc byte[10];
        BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)Type);
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], Class);
        BinaryPrimitives.WriteUInt32BigEndian(rest[4..], TimeToLive);
        BinaryPrimitives.WriteUInt16BigEndian(rest[8..], checked((ushort)Data.Length));
        to.AddRange(rest);
        to.AddRange(Data.Span);
    }
}
