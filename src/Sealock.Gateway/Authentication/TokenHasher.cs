// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Gateway.Authentication;

/// <summary>
/// Hashes tokens with a key made at start, so that they can be looked up: how long that takes tells nothing about
/// how much of a guessed token was right.
/// </summary>
internal sealed class TokenHasher
{
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);

    /// <summary>HMAC-SHA-256 of the token's UTF-8.</summary>
    public TokenHash Hash(string token)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(token.Length));
        try
        {
            var length = Encoding.UTF8.GetBytes(token, rented);
            Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
            HMACSHA256.HashData(_key, rented.AsSpan(0, length), hash);
            return MemoryMarshal.Read<TokenHash>(hash);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        }
    }
}

/// <summary>A token's keyed hash.</summary>
internal readonly record struct TokenHash(UInt128 High, UInt128 Low);
