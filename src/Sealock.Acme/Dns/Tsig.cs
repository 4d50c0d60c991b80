// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Sealock.Acme.Dns;

/// <summary>
/// A secret that a DNS server and its client share, to sign messages with (RFC 8945). <see cref="ToString"/> leaves the secret out.
/// </summary>
public sealed class TsigKey
{
    /// <summary>The names of algorithms as users write them, and as they stand in messages.</summary>
    private static readonly (string Name, string Wire)[] Algorithms =
    [
        ("hmac-sha256", "hmac-sha256"), ("hmac-sha512", "hmac-sha512"), ("hmac-sha384", "hmac-sha384"), ("hmac-sha1", "hmac-sha1"),
        ("hmac-md5", "hmac-md5.sig-alg.reg.int"),
    ];

    private readonly byte[] _secret;

    /// <summary>Takes what a server's configuration has.</summary>
    /// <param name="name">The key's name.</param>
    /// <param name="algorithm">
    /// hmac-sha256, hmac-sha512, hmac-sha384, hmac-sha1 or hmac-md5, in any case and also without the hyphen after hmac, as
    /// cert-manager writes them.
    /// </param>
    /// <param name="secret">The secret in base64.</param>
    /// <exception cref="DnsFormatException">One of them is malformed.</exception>
    public TsigKey(string name, string algorithm, string secret)
    {
        Name = DnsName.Normalize(name);
        var wanted = algorithm.Trim().TrimEnd('.').ToLowerInvariant();
        if (wanted.StartsWith("hmac", StringComparison.Ordinal) && !wanted.StartsWith("hmac-", StringComparison.Ordinal))
            wanted = "hmac-" + wanted[4..];
        Algorithm = Algorithms.FirstOrDefault(known => known.Name == wanted || known.Wire == wanted).Wire
            ?? throw new DnsFormatException($"'{algorithm}' is no TSIG algorithm; there are {string.Join(", ", Algorithms.Select(known => known.Name))}");
        try
        {
            _secret = Convert.FromBase64String(secret.Trim());
        }
        catch (FormatException error)
        {
            throw new DnsFormatException("expected the TSIG secret in base64", error);
        }

        if (_secret.Length == 0)
            throw new DnsFormatException("the TSIG secret is empty");
    }

    /// <summary>The key's name.</summary>
    public string Name { get; }

    /// <summary>The algorithm's name as it stands in messages.</summary>
    public string Algorithm { get; }

    /// <inheritdoc/>
    public override string ToString() => $"TSIG key {Name} ({Algorithm})";

    [SuppressMessage("Security", "CA5350", Justification = "the server's administrator chooses; HMAC with it is not broken")]
    [SuppressMessage("Security", "CA5351", Justification = "the server's administrator chooses; HMAC with it is not broken")]
    internal byte[] Mac(ReadOnlySpan<byte> data) => Algorithm switch
    {
        "hmac-sha256" => HMACSHA256.HashData(_secret, data),
        "hmac-sha384" => HMACSHA384.HashData(_secret, data),
        "hmac-sha512" => HMACSHA512.HashData(_secret, data),
        "hmac-sha1" => HMACSHA1.HashData(_secret, data),
        _ => HMACMD5.HashData(_secret, data),
    };
}

/// <summary>Signs requests and verifies what comes back (RFC 8945): pure.</summary>
internal static class Tsig
{
    private const ushort Fudge = 300;

    /// <summary>A signed request.</summary>
    /// <param name="Message">Ready to be sent.</param>
    /// <param name="Mac">What the answer's signature covers too.</param>
    internal sealed record Signed(byte[] Message, byte[] Mac);

    public static Signed Sign(TsigKey key, ReadOnlySpan<byte> message, DateTimeOffset now)
    {
        var time = now.ToUnixTimeSeconds();
        var mac = key.Mac(Covered([], message, key, time, Fudge, 0, []));
        var record = Record(key, time, Fudge, mac, BinaryPrimitives.ReadUInt16BigEndian(message), 0, []);
        var signed = new List<byte>(message.Length + 128);
        signed.AddRange(message);
        record.Write(signed);
        var bytes = signed.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), (ushort)(BinaryPrimitives.ReadUInt16BigEndian(message[10..]) + 1));
        return new(bytes, mac);
    }

    /// <summary>Why an answer cannot be believed, or what its signature says is wrong; null where it is right.</summary>
    /// <param name="key">The key of the request.</param>
    /// <param name="requestMac">The signature of the request.</param>
    /// <param name="answer">The answer's bytes.</param>
    /// <param name="parsed">The answer.</param>
    /// <param name="now">The time.</param>
    public static string? Refuse(TsigKey key, ReadOnlySpan<byte> requestMac, ReadOnlySpan<byte> answer, DnsMessage parsed, DateTimeOffset now)
    {
        if (parsed.Additional is not [.., { Type: DnsType.Tsig } record])
            return "its answer is not signed: the server does not know the key, or another one answers in its name";
        if (record is not { Class: (ushort)DnsClass.Any, TimeToLive: 0 } || Parts.Read(record) is not { } parts)
            return "its answer's signature is malformed";
        var fault = parts.Error switch
        {
            0 => null,
            16 => "it finds the signature wrong (BADSIG): check the secret",
            17 => $"it does not know the key {key.Name} with {key.Algorithm} (BADKEY): check its name and algorithm",
            18 => "its clock and this machine's differ too much (BADTIME)",
            22 => "it wants a longer signature (BADTRUNC)",
            var other => $"its signature says error {other}",
        };
        if (parts.Mac.Length == 0)
            return fault ?? "its answer's signature is empty";
        var message = answer[..parsed.LastRecordAt].ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(message, parts.OriginalId);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(10), (ushort)(parsed.Additional.Count - 1));
        var expected = key.Mac(Covered(requestMac, message, key, parts.Time, parts.Fudge, parts.Error, parts.Other));
        if (record.Name != key.Name || parts.Algorithm != key.Algorithm || !CryptographicOperations.FixedTimeEquals(expected, parts.Mac))
            return "its answer's signature is not of the key";
        if (fault is null && Math.Abs(now.ToUnixTimeSeconds() - parts.Time) > parts.Fudge)
            return "its answer was signed at another time: the clocks differ, or it is an old one";
        return fault;
    }

    private static DnsRecord Record(TsigKey key, long time, ushort fudge, byte[] mac, ushort id, ushort error, byte[] other)
    {
        var data = new List<byte>();
        DnsName.Write(data, key.Algorithm);
        WriteTime(data, time);
        WriteNumber(data, fudge);
        WriteNumber(data, (ushort)mac.Length);
        data.AddRange(mac);
        WriteNumber(data, id);
        WriteNumber(data, error);
        WriteNumber(data, (ushort)other.Length);
        data.AddRange(other);
        return new(key.Name, DnsType.Tsig, (ushort)DnsClass.Any, 0, data.ToArray());
    }

    /// <summary>What a signature covers: the request's signature in an answer, the message, and the signature's own variables.</summary>
    private static byte[] Covered(
        ReadOnlySpan<byte> requestMac, ReadOnlySpan<byte> message, TsigKey key, long time, ushort fudge, ushort error, ReadOnlySpan<byte> other)
    {
        var data = new List<byte>();
        if (requestMac.Length > 0)
        {
            WriteNumber(data, (ushort)requestMac.Length);
            data.AddRange(requestMac);
        }

        data.AddRange(message);
        DnsName.Write(data, key.Name);
        WriteNumber(data, (ushort)DnsClass.Any);
        data.AddRange([0, 0, 0, 0]);
        DnsName.Write(data, key.Algorithm);
        WriteTime(data, time);
        WriteNumber(data, fudge);
        WriteNumber(data, error);
        WriteNumber(data, (ushort)other.Length);
        data.AddRange(other);
        return [.. data];
    }

    private static void WriteNumber(List<byte> to, ushort value) => to.AddRange([(byte)(value >> 8), (byte)value]);

    private static void WriteTime(List<byte> to, long time)
    {
        for (var shift = 40; shift >= 0; shift -= 8)
            to.Add((byte)(time >> shift));
    }

    /// <summary>What stands in a signature record.</summary>
    private sealed record Parts(string Algorithm, long Time, ushort Fudge, byte[] Mac, ushort OriginalId, ushort Error, byte[] Other)
    {
        public static Parts? Read(DnsRecord record)
        {
            try
            {
                var data = record.Data.Span;
                var at = 0;
                var algorithm = DnsName.Read(data, ref at);
                var time = 0L;
                foreach (var part in data.Slice(at, 6))
                    time = (time << 8) | part;
                at += 6;
                var fudge = BinaryPrimitives.ReadUInt16BigEndian(data[at..]);
                var mac = data.Slice(at + 4, BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..])).ToArray();
                at += 4 + mac.Length;
                var (id, error) = (BinaryPrimitives.ReadUInt16BigEndian(data[at..]), BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]));
                var other = data.Slice(at + 6, BinaryPrimitives.ReadUInt16BigEndian(data[(at + 4)..])).ToArray();
                return new(algorithm, time, fudge, mac, id, error, other);
            }
            catch (Exception cut) when (cut is ArgumentException or DnsFormatException)
            {
                return null;
            }
        }
    }
}
