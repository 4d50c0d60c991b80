// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Gateway.Users;

/// <summary>
/// A password as it is kept: <c>pbkdf2-sha512:ROUNDS:SALT:HASH</c> (PBKDF2 with HMAC-SHA-512, RFC 8018; salt and hash in
/// base64). The text says how it was made, so that later ones may be made otherwise.
/// </summary>
public sealed class PasswordHash
{
    /// <summary>Rounds of new hashes (OWASP's figure for SHA-512).</summary>
    public const int Rounds = 210_000;

    private const string Method = "pbkdf2-sha512";
    private const int SaltBytes = 16;
    private const int HashBytes = 32;

    // Whoever writes the object must not hold the server up for minutes.
    private const int MostRounds = 2_000_000;
    private const int FewestRounds = 1_000;

    private readonly int _rounds;
    private readonly byte[] _salt;
    private readonly byte[] _hash;

    private PasswordHash(int rounds, byte[] salt, byte[] hash) => (_rounds, _salt, _hash) = (rounds, salt, hash);

    /// <summary>One that no password matches, and that takes as long to check as any other.</summary>
    public static PasswordHash Nobodys { get; } =
        new(Rounds, RandomNumberGenerator.GetBytes(SaltBytes), RandomNumberGenerator.GetBytes(HashBytes));

    /// <summary>Hashes a password; takes about a tenth of a second of a processor.</summary>
    public static PasswordHash Create(string password, int rounds = Rounds)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return new(rounds, salt, Derive(password, salt, rounds));
    }

    /// <summary>Reads the text; null where it is none.</summary>
    public static PasswordHash? Parse(string text)
    {
        var parts = text.Trim().Split(':');
        if (parts is not [Method, var rounds, var salt, var hash]
            || !int.TryParse(rounds, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count is < FewestRounds or > MostRounds)
            return null;
        var (saltBytes, hashBytes) = (new byte[64], new byte[64]);
        return Convert.TryFromBase64String(salt, saltBytes, out var saltLength) && saltLength >= SaltBytes
            && Convert.TryFromBase64String(hash, hashBytes, out var hashLength) && hashLength == HashBytes
            ? new(count, saltBytes[..saltLength], hashBytes[..hashLength]) : null;
    }

    /// <summary>Whether a password is the one; as costly as <see cref="Create"/>.</summary>
    public bool Matches(string password) => CryptographicOperations.FixedTimeEquals(Derive(password, _salt, _rounds), _hash);

    /// <summary>The text.</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Method}:{_rounds}:{Convert.ToBase64String(_salt)}:{Convert.ToBase64String(_hash)}");

    private static byte[] Derive(string password, byte[] salt, int rounds) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, rounds, HashAlgorithmName.SHA512, HashBytes);
}
