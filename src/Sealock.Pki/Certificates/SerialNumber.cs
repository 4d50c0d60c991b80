// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Sealock.Pki.Certificates;

/// <summary>A certificate's serial number: the contents of its INTEGER, big-endian two's complement.</summary>
public readonly struct SerialNumber : IEquatable<SerialNumber>
{
    private readonly ReadOnlyMemory<byte> bytes;

    /// <summary>Takes the content bytes of a DER INTEGER.</summary>
    public SerialNumber(ReadOnlyMemory<byte> integerBytes) => bytes = integerBytes;

    /// <summary>The content bytes of the DER INTEGER.</summary>
    public ReadOnlyMemory<byte> Bytes => bytes;

    /// <summary>True where the INTEGER is negative, which RFC 5280 forbids.</summary>
    public bool IsNegative => bytes.Length > 0 && (bytes.Span[0] & 0x80) != 0;

    /// <summary>True where the INTEGER is zero.</summary>
    public bool IsZero => !bytes.Span.ContainsAnyExcept((byte)0);

    /// <summary>
    /// A random positive serial of 16 bytes (127 bits): RFC 5280 4.1.2.2 allows 20 bytes, encoded.
    /// </summary>
    public static SerialNumber Random(Action<Span<byte>>? randomness = null)
    {
        var bytes = new byte[16];
        (randomness ?? RandomNumberGenerator.Fill)(bytes);
        // A leading byte of 0x40 to 0x7f keeps the number positive and its encoding minimal.
        bytes[0] = (byte)((bytes[0] & 0x3f) | 0x40);
        return new(bytes);
    }

    /// <summary>Reads hexadecimal digits, with or without colons (<c>openssl x509 -serial</c>).</summary>
    /// <exception cref="PkiFormatException">The text is not hexadecimal or longer than 64 digits.</exception>
    public static SerialNumber Parse(string hex)
    {
        var digits = hex.Replace(":", "", StringComparison.Ordinal).Trim();
        if (digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            digits = digits[2..];
        if (digits.Length is 0 or > 64)
            throw new PkiFormatException("expected a serial number of 1 to 64 hexadecimal digits");
        try
        {
            // A leading zero byte keeps 0x80… positive; surplus zeros are taken off as DER does.
            var bytes = Convert.FromHexString("00" + (digits.Length % 2 == 1 ? "0" : "") + digits);
            var start = 0;
            while (start < bytes.Length - 1 && bytes[start] == 0 && (bytes[start + 1] & 0x80) == 0)
                start++;
            return new(bytes.AsMemory(start));
        }
        catch (FormatException e)
        {
            throw new PkiFormatException("expected a serial number in hexadecimal digits", e);
        }
    }

    /// <summary>Upper-case hexadecimal without a sign byte, as openssl prints it.</summary>
    public override string ToString()
    {
        var span = bytes.Span;
        return Convert.ToHexString(span.Length > 1 && span[0] == 0 ? span[1..] : span);
    }

    /// <inheritdoc/>
    public bool Equals(SerialNumber other) => bytes.Span.SequenceEqual(other.bytes.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is SerialNumber other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(bytes.Span);
        return hash.ToHashCode();
    }

    /// <summary>Equality of the bytes.</summary>
    public static bool operator ==(SerialNumber left, SerialNumber right) => left.Equals(right);

    /// <summary>Inequality of the bytes.</summary>
    public static bool operator !=(SerialNumber left, SerialNumber right) => !left.Equals(right);
}
