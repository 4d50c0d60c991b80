// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sealock.Pki.Inspection;

/// <summary>
/// RC2 (RFC 2268) in CBC mode, for looking into the many old PKCS#12 files that use it, and for writing certificates (never keys)
/// for the readers that know nothing newer. OpenSSL 3 has it in its "legacy" part only, and so .NET often lacks it.
/// </summary>
internal static class Rc2
{
    private const int BlockBytes = 8;

    private static ReadOnlySpan<byte> Turns => [1, 2, 3, 5];

    private static ReadOnlySpan<byte> Permutation =>
    [
        0xd9, 0x78, 0xf9, 0xc4, 0x19, 0xdd, 0xb5, 0xed, 0x28, 0xe9, 0xfd, 0x79, 0x4a, 0xa0, 0xd8, 0x9d,
        0xc6, 0x7e, 0x37, 0x83, 0x2b, 0x76, 0x53, 0x8e, 0x62, 0x4c, 0x64, 0x88, 0x44, 0x8b, 0xfb, 0xa2,
        0x17, 0x9a, 0x59, 0xf5, 0x87, 0xb3, 0x4f, 0x13, 0x61, 0x45, 0x6d, 0x8d, 0x09, 0x81, 0x7d, 0x32,
        0xbd, 0x8f, 0x40, 0xeb, 0x86, 0xb7, 0x7b, 0x0b, 0xf0, 0x95, 0x21, 0x22, 0x5c, 0x6b, 0x4e, 0x82,
        0x54, 0xd6, 0x65, 0x93, 0xce, 0x60, 0xb2, 0x1c, 0x73, 0x56, 0xc0, 0x14, 0xa7, 0x8c, 0xf1, 0xdc,
        0x12, 0x75, 0xca, 0x1f, 0x3b, 0xbe, 0xe4, 0xd1, 0x42, 0x3d, 0xd4, 0x30, 0xa3, 0x3c, 0xb6, 0x26,
        0x6f, 0xbf, 0x0e, 0xda, 0x46, 0x69, 0x07, 0x57, 0x27, 0xf2, 0x1d, 0x9b, 0xbc, 0x94, 0x43, 0x03,
        0xf8, 0x11, 0xc7, 0xf6, 0x90, 0xef, 0x3e, 0xe7, 0x06, 0xc3, 0xd5, 0x2f, 0xc8, 0x66, 0x1e, 0xd7,
        0x08, 0xe8, 0xea, 0xde, 0x80, 0x52, 0xee, 0xf7, 0x84, 0xaa, 0x72, 0xac, 0x35, 0x4d, 0x6a, 0x2a,
        0x96, 0x1a, 0xd2, 0x71, 0x5a, 0x15, 0x49, 0x74, 0x4b, 0x9f, 0xd0, 0x5e, 0x04, 0x18, 0xa4, 0xec,
        0xc2, 0xe0, 0x41, 0x6e, 0x0f, 0x51, 0xcb, 0xcc, 0x24, 0x91, 0xaf, 0x50, 0xa1, 0xf4, 0x70, 0x39,
        0x99, 0x7c, 0x3a, 0x85, 0x23, 0xb8, 0xb4, 0x7a, 0xfc, 0x02, 0x36, 0x5b, 0x25, 0x55, 0x97, 0x31,
        0x2d, 0x5d, 0xfa, 0x98, 0xe3, 0x8a, 0x92, 0xae, 0x05, 0xdf, 0x29, 0x10, 0x67, 0x6c, 0xba, 0xc9,
        0xd3, 0x00, 0xe6, 0xcf, 0xe1, 0x9e, 0xa8, 0x2c, 0x63, 0x16, 0x01, 0x3f, 0x58, 0xe2, 0x89, 0xa9,
        0x0d, 0x38, 0x34, 0x1b, 0xab, 0x33, 0xff, 0xb0, 0xbb, 0x48, 0x0c, 0x5f, 0xb9, 0xb1, 0xcd, 0x2e,
        0xc5, 0xf3, 0xdb, 0x47, 0xe5, 0xa5, 0x9c, 0x77, 0x0a, 0xa6, 0x20, 0x68, 0xfe, 0x7f, 0xc1, 0xad,
    ];

    /// <summary>Decrypts and takes the padding off. The effective key length is the key's.</summary>
    /// <exception cref="CryptographicException">The length or the padding is wrong.</exception>
    public static byte[] Decrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector, ReadOnlySpan<byte> cipherText)
    {
        if (cipherText.Length == 0 || cipherText.Length % BlockBytes != 0)
            throw new CryptographicException("the length is not a multiple of the block's");
        Span<ushort> schedule = stackalloc ushort[64];
        Expand(key, schedule);
        var plain = new byte[cipherText.Length];
        var previous = vector;
        for (var at = 0; at < plain.Length; at += BlockBytes)
        {
            var block = cipherText.Slice(at, BlockBytes);
            DecryptBlock(schedule, block, plain.AsSpan(at, BlockBytes));
            for (var i = 0; i < BlockBytes; i++)
                plain[at + i] ^= previous[i];
            previous = block;
        }

        var padding = plain[^1];
        if (padding is 0 or > BlockBytes || plain.AsSpan(plain.Length - padding).ContainsAnyExcept(padding))
            throw new CryptographicException("the padding is wrong");
        return plain[..^padding];
    }

    /// <summary>Pads and encrypts. The effective key length is the key's.</summary>
    public static byte[] Encrypt(ReadOnlySpan<byte> key, ReadOnlySpan<byte> vector, ReadOnlySpan<byte> plainText)
    {
        Span<ushort> schedule = stackalloc ushort[64];
        Expand(key, schedule);
        var padding = BlockBytes - plainText.Length % BlockBytes;
        var cipher = new byte[plainText.Length + padding];
        plainText.CopyTo(cipher);
        cipher.AsSpan(plainText.Length).Fill((byte)padding);
        var previous = vector;
        for (var at = 0; at < cipher.Length; at += BlockBytes)
        {
            var block = cipher.AsSpan(at, BlockBytes);
            for (var i = 0; i < BlockBytes; i++)
                block[i] ^= previous[i];
            EncryptBlock(schedule, block);
            previous = block;
        }

        return cipher;
    }

    private static void Expand(ReadOnlySpan<byte> key, Span<ushort> schedule)
    {
        Span<byte> bytes = stackalloc byte[128];
        key.CopyTo(bytes);
        for (var i = key.Length; i < 128; i++)
            bytes[i] = Permutation[(bytes[i - 1] + bytes[i - key.Length]) & 0xff];
        bytes[128 - key.Length] = Permutation[bytes[128 - key.Length]];
        for (var i = 127 - key.Length; i >= 0; i--)
            bytes[i] = Permutation[bytes[i + 1] ^ bytes[i + key.Length]];
        for (var i = 0; i < 64; i++)
            schedule[i] = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * i)..]);
    }

    private static void DecryptBlock(ReadOnlySpan<ushort> schedule, ReadOnlySpan<byte> block, Span<byte> plain)
    {
        Span<ushort> r = stackalloc ushort[4];
        for (var i = 0; i < 4; i++)
            r[i] = BinaryPrimitives.ReadUInt16LittleEndian(block[(2 * i)..]);
        for (var round = 15; round >= 0; round--)
        {
            for (var i = 3; i >= 0; i--)
            {
                r[i] = (ushort)((r[i] >> Turns[i]) | (r[i] << (16 - Turns[i])));
                r[i] -= (ushort)(schedule[(4 * round) + i] + (r[(i + 3) & 3] & r[(i + 2) & 3]) + (~r[(i + 3) & 3] & r[(i + 1) & 3]));
            }

            // After the fifth and the eleventh of the mixing rounds there is a mashing round.
            if (round is 11 or 5)
            {
                for (var i = 3; i >= 0; i--)
                    r[i] -= schedule[r[(i + 3) & 3] & 63];
            }
        }

        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(plain[(2 * i)..], r[i]);
    }

    private static void EncryptBlock(ReadOnlySpan<ushort> schedule, Span<byte> block)
    {
        Span<ushort> r = stackalloc ushort[4];
        for (var i = 0; i < 4; i++)
            r[i] = BinaryPrimitives.ReadUInt16LittleEndian(block[(2 * i)..]);
        for (var round = 0; round < 16; round++)
        {
            for (var i = 0; i < 4; i++)
            {
                r[i] += (ushort)(schedule[(4 * round) + i] + (r[(i + 3) & 3] & r[(i + 2) & 3]) + (~r[(i + 3) & 3] & r[(i + 1) & 3]));
                r[i] = (ushort)((r[i] << Turns[i]) | (r[i] >> (16 - Turns[i])));
            }

            // After the fifth and the eleventh of the mixing rounds there is a mashing round.
            if (round is 4 or 10)
            {
                for (var i = 0; i < 4; i++)
                    r[i] += schedule[r[(i + 3) & 3] & 63];
            }
        }

        for (var i = 0; i < 4; i++)
            BinaryPrimitives.WriteUInt16LittleEndian(block[(2 * i)..], r[i]);
    }
}
