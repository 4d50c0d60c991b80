// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Sealock.Backups;

/// <summary>
/// A file under a passphrase: a header (magic, PBKDF2-SHA-256 rounds, salt), then chunks of 64 KiB sealed with
/// AES-256-GCM. The nonce is the chunk's number, and the associated data says whether it is the last, so that chunks can
/// neither be moved nor cut off unnoticed.
/// </summary>
internal static class PassphraseStream
{
    private const int ChunkBytes = 64 * 1024;
    private const int SaltBytes = 16;
    private const int TagBytes = 16;
    private const int Rounds = 600_000;
    private const int MaxRounds = 10_000_000;
    private static readonly byte[] Magic = "SEALOCK-BACKUP-1\n"u8.ToArray();

    /// <summary>Whether a file starts as one under a passphrase does; the stream is rewound.</summary>
    public static bool IsSealed(Stream file)
    {
        var start = new byte[Magic.Length];
        var read = file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        file.Position = 0;
        return start.AsSpan(0, read).SequenceEqual(Magic);
    }

    /// <summary>Seals everything in <paramref name="plain"/> into <paramref name="file"/>.</summary>
    public static async Task SealAsync(Stream plain, Stream file, string passphrase, CancellationToken cancellationToken)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        var rounds = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(rounds, Rounds);
        await file.WriteAsync(Magic, cancellationToken);
        await file.WriteAsync(rounds, cancellationToken);
        await file.WriteAsync(salt, cancellationToken);

        using var cipher = Cipher(passphrase, salt, Rounds);
        var (chunk, next) = (new byte[ChunkBytes], new byte[ChunkBytes]);
        var output = new byte[ChunkBytes + TagBytes];
        var length = await plain.ReadAtLeastAsync(chunk, ChunkBytes, throwOnEndOfStream: false, cancellationToken);
        for (var number = 0L; ; number++)
        {
            var nextLength = await plain.ReadAtLeastAsync(next, ChunkBytes, throwOnEndOfStream: false, cancellationToken);
            var last = nextLength == 0;
            cipher.Encrypt(Nonce(number), chunk.AsSpan(0, length), output.AsSpan(0, length), output.AsSpan(length, TagBytes), Place(last));
            await file.WriteAsync(output.AsMemory(0, length + TagBytes), cancellationToken);
            if (last)
                return;
            (chunk, next, length) = (next, chunk, nextLength);
        }
    }

    /// <summary>Opens a file under a passphrase into <paramref name="plain"/>.</summary>
    /// <exception cref="CommandException">The passphrase is wrong, or the file is damaged.</exception>
    public static async Task OpenAsync(Stream file, Stream plain, string passphrase, CancellationToken cancellationToken)
    {
        var header = new byte[Magic.Length + 4 + SaltBytes];
        if (await file.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken) < header.Length)
            throw new CommandException("the backup is cut short; take another backup");
        var rounds = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(Magic.Length));
        if (rounds is < 1 or > MaxRounds)
            throw new CommandException("the backup's header is damaged; take another backup");

        using var cipher = Cipher(passphrase, header[^SaltBytes..], rounds);
        var (chunk, next) = (new byte[ChunkBytes + TagBytes], new byte[ChunkBytes + TagBytes]);
        var output = new byte[ChunkBytes];
        var length = await file.ReadAtLeastAsync(chunk, chunk.Length, throwOnEndOfStream: false, cancellationToken);
        for (var number = 0L; ; number++)
        {
            var nextLength = await file.ReadAtLeastAsync(next, next.Length, throwOnEndOfStream: false, cancellationToken);
            var last = nextLength == 0;
            var size = length - TagBytes;
            try
            {
                if (size < 0)
                    throw new AuthenticationTagMismatchException();
                cipher.Decrypt(Nonce(number), chunk.AsSpan(0, size), chunk.AsSpan(size, TagBytes), output.AsSpan(0, size), Place(last));
            }
            catch (AuthenticationTagMismatchException)
            {
                throw new CommandException(number == 0
                    ? "the passphrase is wrong, or the backup is damaged"
                    : "the backup is damaged; take another backup");
            }

            await plain.WriteAsync(output.AsMemory(0, size), cancellationToken);
            if (last)
                return;
            (chunk, next, length) = (next, chunk, nextLength);
        }
    }

    private static AesGcm Cipher(string passphrase, byte[] salt, int rounds) =>
        new(Rfc2898DeriveBytes.Pbkdf2(passphrase, salt, rounds, HashAlgorithmName.SHA256, 32), TagBytes);

    private static byte[] Nonce(long number)
    {
        var nonce = new byte[12];
        BinaryPrimitives.WriteInt64BigEndian(nonce.AsSpan(4), number);
        return nonce;
    }

    private static byte[] Place(bool last) => [last ? (byte)1 : (byte)0];
}
