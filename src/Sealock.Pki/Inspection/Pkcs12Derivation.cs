// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Pki.Inspection;

/// <summary>PKCS#12's own key derivation (RFC 7292 appendix B.2).</summary>
internal static class Pkcs12Derivation
{
    /// <summary>Derives bytes.</summary>
    /// <param name="purpose">1 for keys, 2 for initialization vectors, 3 for MAC keys.</param>
    /// <param name="passphrase">The passphrase; null is the one without bytes, which is not the empty one.</param>
    /// <param name="salt">The salt.</param>
    /// <param name="rounds">Rounds of hashing.</param>
    /// <param name="hash">The hash.</param>
    /// <param name="length">Bytes wanted.</param>
    public static byte[] Derive(byte purpose, string? passphrase, ReadOnlySpan<byte> salt, int rounds, HashAlgorithmName hash, int length)
    {
        var (hashBytes, block) = hash.Name is "SHA384" or "SHA512" ? (hash.Name == "SHA384" ? 48 : 64, 128) : (hash.Name == "SHA256" ? 32 : 20, 64);
        // The passphrase counts as UTF-16, big endian, with a final zero.
        var secret = passphrase is null ? [] : Encoding.BigEndianUnicode.GetBytes(passphrase + "\0");
        byte[] input = [.. Repeat(salt, block), .. Repeat(secret, block)];
        var diversifier = new byte[block];
        Array.Fill(diversifier, purpose);
        var output = new byte[length];
        var round = new byte[hashBytes];
        using var hasher = IncrementalHash.CreateHash(hash);
        for (var at = 0; at < length; at += hashBytes)
        {
            hasher.AppendData(diversifier);
            hasher.AppendData(input);
            hasher.GetHashAndReset(round);
            for (var i = 1; i < rounds; i++)
                CryptographicOperations.HashData(hash, round, round);
            round.AsSpan(0, Math.Min(hashBytes, length - at)).CopyTo(output.AsSpan(at));
            AddToEachBlock(input, Repeat(round, block).AsSpan(0, block), block);
        }

        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(secret);
        return output;
    }

    /// <summary>Repeats bytes up to a multiple of the block's length.</summary>
    private static byte[] Repeat(ReadOnlySpan<byte> bytes, int block)
    {
        var repeated = new byte[(bytes.Length + block - 1) / block * block];
        for (var i = 0; i < repeated.Length; i++)
            repeated[i] = bytes[i % bytes.Length];
        return repeated;
    }

    /// <summary>Each block of the input becomes itself plus the addend plus one, modulo its size.</summary>
    private static void AddToEachBlock(byte[] input, ReadOnlySpan<byte> addend, int block)
    {
        for (var start = 0; start < input.Length; start += block)
        {
            var carry = 1;
            for (var i = block - 1; i >= 0; i--)
            {
                carry += input[start + i] + addend[i];
                input[start + i] = (byte)carry;
                carry >>= 8;
            }
        }
    }
}
