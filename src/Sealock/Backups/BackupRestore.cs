// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Formats.Tar;
using System.IO.Compression;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Encryption;
using Sealock.Api.Storage.Sqlite;
using Sealock.Hosting;
using Sealock.Pki.Files;

namespace Sealock.Backups;

/// <summary>Makes a data folder of a backup. Nothing is trusted of the file before its checksums hold.</summary>
internal static class BackupRestore
{
    private const long RevisionGap = 10_000_000;
    private const UnixFileMode AtMost = AtomicFile.Public;

    /// <summary>Unpacks a backup into a data folder that does not exist yet. It appears complete or not at all.</summary>
    /// <exception cref="CommandException">
    /// The folder exists, the passphrase is wrong, or the file is no backup.
    /// </exception>
    public static async Task RestoreAsync(
        string file, DataFolder folder, string? passphrase, CancellationToken cancellationToken)
    {
        if (File.Exists(folder.Path)
            || (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any()))
        {
            throw new CommandException($"{folder.Path} is not empty; restore into a new folder, or move it away first");
        }

        try
        {
            await using var input = File.OpenRead(file);
            var isSealed = PassphraseStream.IsSealed(input);
            if (isSealed && passphrase is null)
                throw new CommandException($"{file} is under a passphrase; give it with --passphrase-file");
            if (!isSealed && passphrase is not null)
            {
                throw new CommandException(
                    $"{file} is under no passphrase; leave --passphrase-file out if you trust the file");
            }

            await RestoreAsync(file, input, folder, isSealed ? passphrase : null, cancellationToken);
        }
        catch (Exception fault) when (fault is InvalidDataException or EndOfStreamException
            or FormatException or ArgumentException)
        {
            throw new CommandException($"{file} is no backup, or is damaged: {fault.Message}");
        }
        catch (Exception fault) when (fault is StoreOpenException or KeyFileException or StoreUnavailableException)
        {
            throw new CommandException($"{file} is damaged, or is of a newer version: {fault.Message}");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"nothing was restored: {fault.Message}");
        }
    }

    private static async Task RestoreAsync(
        string file, FileStream input, DataFolder folder, string? passphrase, CancellationToken cancellationToken)
    {
        var parent = Path.GetDirectoryName(folder.Path) ?? "/";
        if (!Directory.Exists(parent))
            throw new CommandException($"the folder {parent} does not exist; create it first");
        using var scratch = new ScratchFolder(parent);
        var unpacked = Directory.CreateDirectory(Path.Combine(scratch.Path, "data"), AtomicFile.PrivateFolder).FullName;
        await using (var tar = Temporary(scratch, "tar"))
        {
            if (passphrase is null)
            {
                await DecompressAsync(input, tar, cancellationToken);
            }
            else
            {
                await using var compressed = Temporary(scratch, "compressed");
                await PassphraseStream.OpenAsync(input, compressed, passphrase, cancellationToken);
                await DecompressAsync(compressed, tar, cancellationToken);
            }

            await UnpackAsync(tar, unpacked, cancellationToken);
        }

        var restored = new DataFolder(unpacked);
        if (!File.Exists(Path.Combine(unpacked, BackupArchive.StoreEntry)) || !File.Exists(restored.EncryptionKeys))
            throw new CommandException($"{file} is no backup of Sealock: it holds no store and no keys");
        KeyFile.Load(restored.EncryptionKeys);
        await SkipRevisionsAsync(restored.Store, cancellationToken);
        foreach (var inside in Directory.EnumerateDirectories(unpacked).Append(unpacked))
            AtomicFile.SyncFolder(inside);
        if (Directory.Exists(folder.Path))
            Directory.Delete(folder.Path);
        Directory.Move(unpacked, folder.Path);
        AtomicFile.SyncFolder(parent);
    }

    /// <summary>
    /// What was written after the backup is lost, but clients may have seen its revisions: the restored store goes on
    /// beyond them, so that nobody takes new changes for old ones.
    /// </summary>
    private static async Task SkipRevisionsAsync(string store, CancellationToken cancellationToken)
    {
        long revision;
        var options = new SqliteStoreOptions { Folder = store, CheckIntegrity = true };
        await using (var opened = await SqliteStore.OpenAsync(options, cancellationToken))
            revision = await opened.GetRevisionAsync(cancellationToken);
        await using var raised = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { Folder = store, MinimumRevision = revision + RevisionGap }, cancellationToken);
    }

    private static FileStream Temporary(ScratchFolder scratch, string name) => new(
        Path.Combine(scratch.Path, name),
        new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = AtomicFile.Secret,
            Options = FileOptions.DeleteOnClose,
        });

    /// <summary>
    /// Decompresses everything before anything is used: the checksum stands at the very end (RFC 1952, section 2.3.1).
    /// A file that ends before it goes unnoticed by the platform, so the length that stands behind it is compared here.
    /// </summary>
    private static async Task DecompressAsync(
        FileStream compressed, FileStream plain, CancellationToken cancellationToken)
    {
        const int lengthBytes = 4;
        compressed.Position = 0;
        await using (var gzip = new GZipStream(compressed, CompressionMode.Decompress, leaveOpen: true))
            await gzip.CopyToAsync(plain, cancellationToken);
        if (compressed.Length < lengthBytes)
            throw new InvalidDataException("it is cut short");
        var length = new byte[lengthBytes];
        compressed.Position = compressed.Length - lengthBytes;
        await compressed.ReadExactlyAsync(length, cancellationToken);
        if (BinaryPrimitives.ReadUInt32LittleEndian(length) != unchecked((uint)plain.Length))
            throw new InvalidDataException("it is cut short");
    }

    private static async Task UnpackAsync(FileStream archive, string target, CancellationToken cancellationToken)
    {
        archive.Position = 0;
        await using var tar = new TarReader(archive, leaveOpen: true);
        while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
            await ExtractAsync(entry, target, cancellationToken);
    }

    private static async Task ExtractAsync(TarEntry entry, string target, CancellationToken cancellationToken)
    {
        var name = entry.Name.Split('/');
        if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
            || name.Length > 2 || name.Any(part => part is "" or "." or ".."))
            throw new InvalidDataException("it holds something else than a data folder's files");
        var path = Path.Combine(target, entry.Name);
        AtomicFile.CreateFolder(Path.GetDirectoryName(path) ?? target);
        await using var written = new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = entry.Mode & AtMost,
        });
        if (entry.DataStream is { } content)
            await content.CopyToAsync(written, cancellationToken);
        written.Flush(flushToDisk: true);
    }
}
