// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Api.Storage;

/// <summary>Keys as the bytes that order them.</summary>
internal static class StoreKey
{
    /// <summary>The longest key, in bytes of UTF-8.</summary>
    public const int MaxBytes = 2048;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The key's UTF-8 bytes.</summary>
    /// <exception cref="ArgumentException">The key is empty, too long, or no valid Unicode.</exception>
    public static byte[] Encode(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        return EncodePrefix(key);
    }

    /// <summary>The prefix's UTF-8 bytes; a prefix may be empty.</summary>
    /// <exception cref="ArgumentException">The prefix is too long, or no valid Unicode.</exception>
    public static byte[] EncodePrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        if (prefix.Length > MaxBytes)
            throw new ArgumentException($"a key has at most {MaxBytes} bytes", nameof(prefix));
        var bytes = Strict.GetBytes(prefix);
        return bytes.Length <= MaxBytes
            ? bytes
            : throw new ArgumentException($"a key has at most {MaxBytes} bytes", nameof(prefix));
    }

    /// <summary>Whether a key is short enough to exist.</summary>
    public static bool Fits(string key) => Strict.GetByteCount(key) <= MaxBytes;

    /// <summary>The key that <paramref name="bytes"/> encode.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes) => Strict.GetString(bytes);

    /// <summary>The first byte string after all that start with <paramref name="prefix"/>.</summary>
    public static byte[] EndOf(ReadOnlySpan<byte> prefix)
    {
        // 0xFF never occurs in UTF-8: it ends the whole key space, and every other last byte can be raised by one.
        if (prefix.IsEmpty)
            return [0xFF];
        var end = prefix.ToArray();
        end[^1]++;
        return end;
    }
}
