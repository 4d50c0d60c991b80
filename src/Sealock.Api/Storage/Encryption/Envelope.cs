// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Api.Storage.Encryption;

/// <summary>
/// A sealed value: the marker, the key's id, a colon, 12 random bytes of nonce, 16 bytes of tag, the ciphertext
/// (AES-256-GCM). The store key is the associated data, so a value that is moved to another key does not open.
/// </summary>
internal static class Envelope
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private static ReadOnlySpan<byte> Marker => "sealock:aes256gcm:v1:"u8;

    /// <summary>Whether a stored value is an envelope. No other stored value begins as one does.</summary>
    public static bool IsEnvelope(ReadOnlySpan<byte> stored) => stored.StartsWith(Marker);

    /// <summary>The id of the key that a stored value is sealed under, or null where it is plain.</summary>
    public static string? KeyIdOf(ReadOnlySpan<byte> stored)
    {
        if (!IsEnvelope(stored))
            return null;
        var rest = stored[Marker.Length..];
        var colon = rest.IndexOf((byte)':');
        return colon < 0 ? "" : Encoding.Latin1.GetString(rest[..colon]);
    }

    /// <summary>Seals a value for a store key.</summary>
    public static byte[] Seal(EncryptionKey key, string storeKey, ReadOnlySpan<byte> plain)
    {
        var header = Marker.Length + key.Id.Length + 1;
        var sealedValue = new byte[header + NonceBytes + TagBytes + plain.Length];
        Marker.CopyTo(sealedValue);
        Encoding.ASCII.GetBytes(key.Id, sealedValue.AsSpan(Marker.Length));
        sealedValue[header - 1] = (byte)':';
        var nonce = sealedValue.AsSpan(header, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key.Secret, TagBytes);
        cipher.Encrypt(
            nonce,
            plain,
            sealedValue.AsSpan(header + NonceBytes + TagBytes),
            sealedValue.AsSpan(header + NonceBytes, TagBytes),
            StoreKey.Encode(storeKey));
        return sealedValue;
    }

    /// <summary>Opens an envelope.</summary>
    /// <exception cref="UndecryptableValueException">The key is unknown, or the value is not what was sealed for this
    /// store key.</exception>
    public static byte[] Open(KeyRing ring, string storeKey, ReadOnlySpan<byte> stored)
    {
        // A damaged id is not repeated in a message: its length and characters are a stranger's.
        var id = KeyIdOf(stored) ?? "";
        var key = ring.Find(id) ?? throw new UndecryptableValueException(
            storeKey, id is { Length: > 0 and <= 32 } && id.All(char.IsAsciiLetterOrDigit)
                ? $"key {id} is not in the key file; put it back"
                : "it names no key of the key file");
        var body = stored[(Marker.Length + id.Length + 1)..];
        if (body.Length < NonceBytes + TagBytes)
            throw new UndecryptableValueException(storeKey, "it is cut short; restore it from a backup");
        var plain = new byte[body.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(key.Secret, TagBytes);
        try
        {
            cipher.Decrypt(
                body[..NonceBytes],
                body[(NonceBytes + TagBytes)..],
                body.Slice(NonceBytes, TagBytes),
                plain,
                StoreKey.Encode(storeKey));
            return plain;
        }
        catch (AuthenticationTagMismatchException)
        {
            throw new UndecryptableValueException(
                storeKey, "it was changed, moved here from another key, or sealed by another key of the same id");
        }
    }
}

/// <summary>A stored value cannot be decrypted. The message names its key and the remedy, no content.</summary>
public sealed class UndecryptableValueException(string storeKey, string reason)
    : Exception($"the value of {storeKey} cannot be decrypted: {reason}")
{
    /// <summary>The store key of the value.</summary>
    public string StoreKey { get; } = storeKey;
}
