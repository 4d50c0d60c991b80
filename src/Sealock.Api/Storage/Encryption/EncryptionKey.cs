// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Sealock.Api.Storage.Encryption;

/// <summary>An AES-256 key with the name that envelopes refer to it by.</summary>
public sealed partial class EncryptionKey
{
    /// <summary>The length of the secret, in bytes.</summary>
    public const int SecretBytes = 32;

    private readonly byte[] secret;

    /// <exception cref="ArgumentException">The id or the secret's length is not allowed.</exception>
    public EncryptionKey(string id, DateTimeOffset created, ReadOnlySpan<byte> secret)
    {
        if (!IdPattern.IsMatch(id))
            throw new ArgumentException("a key id has 1 to 32 characters of a-z, 0-9 and -", nameof(id));
        if (secret.Length != SecretBytes)
            throw new ArgumentException($"the secret of key {id} has {secret.Length} bytes, not {SecretBytes}", nameof(secret));
        Id = id;
        Created = created;
        this.secret = secret.ToArray();
    }

    /// <summary>The name, 1 to 32 characters of a-z, 0-9 and -.</summary>
    public string Id { get; }

    /// <summary>When the key was generated.</summary>
    public DateTimeOffset Created { get; }

    internal ReadOnlySpan<byte> Secret => secret;

    [GeneratedRegex("^[a-z0-9-]{1,32}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern { get; }

    /// <summary>A new random key with a random id.</summary>
    public static EncryptionKey Generate(DateTimeOffset now)
    {
        Span<byte> secret = stackalloc byte[SecretBytes];
        RandomNumberGenerator.Fill(secret);
        var key = new EncryptionKey(RandomNumberGenerator.GetHexString(12, lowercase: true), now, secret);
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }

    /// <summary>The id; never the secret.</summary>
    public override string ToString() => Id;
}
