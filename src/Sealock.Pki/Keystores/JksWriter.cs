// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Keystores;

/// <summary>
/// Writes Java's own keystores (JKS, version 2). Their protection is weak by today's measure: a store must be kept as secret as
/// its key.
/// </summary>
public static class JksWriter
{
    private const uint Magic = 0xFEEDFEED;
    private const uint Version = 2;
    private const uint KeyEntry = 1;
    private const uint TrustedEntry = 2;
    private const int HashBytes = 20;
    private const string KeyProtector = "1.3.6.1.4.1.42.2.17.1.1";
    private const string TrustAlias = "ca";

    /// <summary>A key with its certificate first and those above it after.</summary>
    public static byte[] WriteKeystore(
        string alias, KeyPair key, IReadOnlyList<Certificate> chain, string password, DateTimeOffset time) => Write(password, 1, store =>
    {
        Number(store, KeyEntry);
        Text(store, alias.ToLowerInvariant());
        Time(store, time);
        Bytes(store, Protect(key, password));
        Number(store, (uint)chain.Count);
        foreach (var certificate in chain)
            WriteCertificate(store, certificate);
    });

    /// <summary>Certificates to trust: <c>ca</c>, and <c>ca-1</c> and so on where there are several.</summary>
    public static byte[] WriteTruststore(IReadOnlyList<Certificate> certificates, string password, DateTimeOffset time) =>
        Write(password, certificates.Count, store =>
        {
            for (var i = 0; i < certificates.Count; i++)
            {
                Number(store, TrustedEntry);
                Text(store, i == 0 ? TrustAlias : $"{TrustAlias}-{i.ToString(CultureInfo.InvariantCulture)}");
                Time(store, time);
                WriteCertificate(store, certificates[i]);
            }
        });

    private static byte[] Write(string password, int entries, Action<MemoryStream> write)
    {
        using var store = new MemoryStream();
        Number(store, Magic);
        Number(store, Version);
        Number(store, (uint)entries);
        write(store);
        // The store's own seal: a phrase of its inventors stands between password and content.
        store.Write(Hash(Password(password), "Mighty Aphrodite"u8, store.ToArray()));
        return store.ToArray();
    }

    /// <summary>The key XORed with a chain of hashes over password and salt, and a checksum, as EncryptedPrivateKeyInfo.</summary>
    private static byte[] Protect(KeyPair key, string password)
    {
        var plain = key.ToPkcs8();
        var secret = Password(password);
        var salt = RandomNumberGenerator.GetBytes(HashBytes);
        var protectedKey = new byte[HashBytes + plain.Length + HashBytes];
        salt.CopyTo(protectedKey, 0);
        var link = salt;
        for (var at = 0; at < plain.Length; at++)
        {
            if (at % HashBytes == 0)
                link = Hash(secret, link, []);
            protectedKey[HashBytes + at] = (byte)(plain[at] ^ link[at % HashBytes]);
        }

        Hash(secret, plain, []).CopyTo(protectedKey, HashBytes + plain.Length);
        CryptographicOperations.ZeroMemory(plain);
        CryptographicOperations.ZeroMemory(secret);
        return Der.Write(writer =>
        {
            using var info = writer.PushSequence();
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(KeyProtector);
                writer.WriteNull();
            }

            writer.WriteOctetString(protectedKey);
        });
    }

    private static void WriteCertificate(MemoryStream store, Certificate certificate)
    {
        Text(store, "X.509");
        Bytes(store, certificate.Der.Span);
    }

    private static byte[] Password(string password) => Encoding.BigEndianUnicode.GetBytes(password);

    private static byte[] Hash(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third)
    {
#pragma warning disable CA5350 // The format knows no other hash.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA1);
#pragma warning restore CA5350
        hash.AppendData(first);
        hash.AppendData(second);
        hash.AppendData(third);
        return hash.GetHashAndReset();
    }

    private static void Number(MemoryStream store, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        store.Write(bytes);
    }

    private static void Time(MemoryStream store, DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, time.ToUnixTimeMilliseconds());
        store.Write(bytes);
    }

    private static void Text(MemoryStream store, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Span<byte> length = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)bytes.Length);
        store.Write(length);
        store.Write(bytes.AsSpan(0, (ushort)bytes.Length));
    }

    private static void Bytes(MemoryStream store, ReadOnlySpan<byte> bytes)
    {
        Number(store, (uint)bytes.Length);
        store.Write(bytes);
    }
}
