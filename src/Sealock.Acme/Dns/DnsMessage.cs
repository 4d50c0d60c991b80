// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Sealock.Acme.Dns;

/// <summary>What a server says became of a question or update (RFC 1035, RFC 2136).</summary>
public enum DnsResponseCode
{
    /// <summary>Done, or answered.</summary>
    NoError = 0,

    /// <summary>The server could not read the message.</summary>
    FormatError = 1,

    /// <summary>The server failed.</summary>
    ServerFailure = 2,

    /// <summary>The name does not exist.</summary>
    NoSuchName = 3,

    /// <summary>The server does not know this kind of request.</summary>
    NotImplemented = 4,

    /// <summary>The server does not do this for us.</summary>
    Refused = 5,

    /// <summary>The server is not the zone's, or the signature does not count.</summary>
    NotAuthoritative = 9,

    /// <summary>A name of an update is not in the zone.</summary>
    NotInZone = 10,
}

/// <summary>What is asked: name, type, and class (1 is INTERNET).</summary>
internal sealed record DnsQuestion(string Name, DnsType Type, ushort Class = (ushort)DnsClass.Internet);

/// <summary>A DNS message (RFC 1035 section 4). Whatever the bytes, reading ends in this value or in <see cref="DnsFormatException"/>.</summary>
internal sealed record DnsMessage
{
    public const int HeaderLength = 12;
    private const int MostRecords = 500;
    private const int QueryOperation = 0;
    private const int UpdateOperation = 5;

    public ushort Id { get; init; }

    public bool IsResponse { get; init; }

    public int Operation { get; init; }

    public bool IsAuthoritative { get; init; }

    /// <summary>Not all fits: ask over TCP.</summary>
    public bool IsTruncated { get; init; }

    public bool RecursionDesired { get; init; }

    public DnsResponseCode Code { get; init; }

    public IReadOnlyList<DnsQuestion> Questions { get; init; } = [];

    public IReadOnlyList<DnsRecord> Answers { get; init; } = [];

    public IReadOnlyList<DnsRecord> Authority { get; init; } = [];

    public IReadOnlyList<DnsRecord> Additional { get; init; } = [];

    /// <summary>Where the last record begins, in a message that was read: a signature does not cover itself.</summary>
    public int LastRecordAt { get; init; }

    /// <summary>A question, with word that answers of 1,232 bytes arrive whole over UDP.</summary>
    public static DnsMessage Query(ushort id, string name, DnsType type, bool recursive) => new()
    {
        Id = id,
        Operation = QueryOperation,
        RecursionDesired = recursive,
        Questions = [new(name, type)],
        Additional = [new("", DnsType.Opt, 1232, 0, default)],
    };

    /// <summary>An update of a zone (RFC 2136): the records go where answers' authority stands.</summary>
    public static DnsMessage Update(ushort id, string zone, params IReadOnlyList<DnsRecord> changes) => new()
    {
        Id = id,
        Operation = UpdateOperation,
        Questions = [new(zone, DnsType.Soa)],
        Authority = changes,
    };

    public byte[] Write()
    {
        var bytes = new List<byte>(512);
        Span<byte> header = stackalloc byte[HeaderLength];
        BinaryPrimitives.WriteUInt16BigEndian(header, Id);
        header[2] = (byte)((IsResponse ? 0x80 : 0) | (Operation << 3) | (IsAuthoritative ? 4 : 0) | (IsTruncated ? 2 : 0) | (RecursionDesired ? 1 : 0));
        header[3] = (byte)((int)Code & 15);
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], checked((ushort)Questions.Count));
        BinaryPrimitives.WriteUInt16BigEndian(header[6..], checked((ushort)Answers.Count));
        BinaryPrimitives.WriteUInt16BigEndian(header[8..], checked((ushort)Authority.Count));
        BinaryPrimitives.WriteUInt16BigEndian(header[10..], checked((ushort)Additional.Count));
        bytes.AddRange(header);
        Span<byte> kind = stackalloc byte[4];
        foreach (var question in Questions)
        {
            DnsName.Write(bytes, question.Name);
            BinaryPrimitives.WriteUInt16BigEndian(kind, (ushort)question.Type);
            BinaryPrimitives.WriteUInt16BigEndian(kind[2..], question.Class);
            bytes.AddRange(kind);
        }

        foreach (var record in Answers.Concat(Authority).Concat(Additional))
            record.Write(bytes);
        return [.. bytes];
    }

    public static DnsMessage Parse(ReadOnlyMemory<byte> message)
    {
        var bytes = message.Span;
        if (bytes.Length < HeaderLength)
            throw new DnsFormatException("expected a DNS message of at least 12 bytes");
        var counts = (Questions: Number(bytes, 4), Answers: Number(bytes, 6), Authority: Number(bytes, 8), Additional: Number(bytes, 10));
        if (counts.Questions + counts.Answers + counts.Authority + counts.Additional > MostRecords)
            throw new DnsFormatException($"expected a DNS message of at most {MostRecords} records");
        var at = HeaderLength;
        var questions = new List<DnsQuestion>();
        for (var i = 0; i < counts.Questions; i++)
        {
            var name = DnsName.Read(bytes, ref at);
            questions.Add(new(name, (DnsType)Next(bytes, ref at), Next(bytes, ref at)));
        }

        var last = at;
        var (answers, authority, additional) = (Records(counts.Answers), Records(counts.Authority), Records(counts.Additional));
        return new()
        {
            Id = Number(bytes, 0),
            IsResponse = (bytes[2] & 0x80) != 0,
            Operation = (bytes[2] >> 3) & 15,
            IsAuthoritative = (bytes[2] & 4) != 0,
            IsTruncated = (bytes[2] & 2) != 0,
            RecursionDesired = (bytes[2] & 1) != 0,
            Code = (DnsResponseCode)(bytes[3] & 15),
            Questions = questions,
            Answers = answers,
            Authority = authority,
            Additional = additional,
            LastRecordAt = last,
        };

        List<DnsRecord> Records(int count)
        {
            var records = new List<DnsRecord>();
            for (var i = 0; i < count; i++)
            {
                last = at;
                records.Add(ReadRecord(message, ref at));
            }

            return records;
        }
    }

    private static DnsRecord ReadRecord(ReadOnlyMemory<byte> message, ref int at)
    {
        var bytes = message.Span;
        var name = DnsName.Read(bytes, ref at);
        var (type, @class) = ((DnsType)Next(bytes, ref at), Next(bytes, ref at));
        var seconds = ((uint)Next(bytes, ref at) << 16) | Next(bytes, ref at);
        var length = Next(bytes, ref at);
        if (at + length > bytes.Length)
            throw new DnsFormatException("expected the data of a DNS record, but the message ends");
        var record = new DnsRecord(name, type, @class, seconds, message.Slice(at, length));
        if (length > 0 && type is DnsType.Ns or DnsType.Cname or DnsType.Soa)
        {
            // In a name within data, compression reaches out of it: only here can it be undone.
            var inside = at;
            record = record with { Target = DnsName.Read(bytes, ref inside) };
            if (inside > at + length)
                throw new DnsFormatException("expected a name within the data of a DNS record, but it is longer");
        }

        at += length;
        return record;
    }

    private static ushort Next(ReadOnlySpan<byte> bytes, ref int at)
    {
        if (at + 2 > bytes.Length)
            throw new DnsFormatException("expected a DNS record, but the message ends");
        at += 2;
        return Number(bytes, at - 2);
    }

    private static ushort Number(ReadOnlySpan<byte> bytes, int at) => BinaryPrimitives.ReadUInt16BigEndian(bytes[at..]);
}
