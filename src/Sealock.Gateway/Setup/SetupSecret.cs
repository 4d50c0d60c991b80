// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Gateway.Setup;

/// <summary>
/// What must be known to set a server up: made at its start, shown to whoever started it, and worth nothing once the
/// server has been set up.
/// </summary>
public sealed class SetupSecret
{
    private const int LongestGuess = 256;
    private readonly byte[] _hash;

    private SetupSecret(string text)
    {
        Text = text;
        _hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The secret: 256 random bits in base64url.</summary>
    public string Text { get; }

    /// <summary>A new one.</summary>
    public static SetupSecret Generate() => new(Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));

    /// <summary>Whether a guess is right; how long that takes tells nothing about it.</summary>
    public bool Matches(string guess)
    {
        if (guess.Length > LongestGuess)
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(guess), hash);
        return CryptographicOperations.FixedTimeEquals(hash, _hash);
    }

    /// <inheritdoc/>
    public override string ToString() => "a one-time secret";
}
