// SPDX-License-Identifier: Apache-2.0
using System.Formats.Tar;
using System.IO.Compression;
using Sealock.Api.Storage.Sqlite;
using Sealock.Hosting;
using Sealock.Pki.Files;

namespace Sealock.Backups;

/// <summary>
/// The whole data folder in one file: a gzipped tar with the store as of one revision, the CA's key, the encryption keys
/// and everything beside them. Taking it does not disturb a running server.
/// </summary>
internal static class BackupArchive
{
    private const long RevisionGap = 10_000_000;
    private static readonly string[] FoldersInside = ["pki"];

    /// <summary>Writes a backup. The file appears complete or not at all, readable for its owner alone.</summary>
    /// <returns>The store's revision in the backup.</returns>
    /// <exception cref="CommandException">The folder is no data folder, or the file exists.</exception>
    public static async Task<long> WriteAsync(DataFolder folder, string file, string? passphrase, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder.Store, SqliteStore.FileName)))
            throw new CommandException($"{folder.Path} holds no store; name the data folder with --data");
        if (File.Exists(file))
            throw new CommandException($"{file} exists already; choose another name");
        using var scratch = new ScratchFolder(Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".");
        var storeCopy = Path.Combine(scratch.Path, SqliteStore.FileName);

        // The store before the keys: keys are added before they are used, so no value in the copy lacks its key.
        var revision = await SqliteStore.BackupFolderAsync(folder.Store, storeCopy, cancellationToken);
        var archive = Path.Combine(scratch.Path, "archive");
        await using (var tarFile = new FileStream(archive, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            UnixCreateMode = AtomicFile.Secret,
        }))
        {
            await using (var gzip = new GZipStream(tarFile, CompressionLevel.Fastest, leaveOpen: true))
            await using (var tar = new TarWriter(gzip))
            {
                await tar.WriteEntryAsync(storeCopy, "store/" + SqliteStore.FileName, cancellationToken);
                foreach (var path in Files(folder))
                    await tar.WriteEntryAsync(path, Path.GetRelativePath(folder.Path, path), cancellationToken);
            }

            if (passphrase is not null)
            {
                tarFile.Position = 0;
                await using var output = new FileStream(archive + ".sealed", new FileStreamOptions
                {
                    Mode = FileMode.CreateNew,
                    Access = FileAccess.Write,
                    UnixCreateMode = AtomicFile.Secret,
                });
                await PassphraseStream.SealAsync(tarFile, output, passphrase, cancellationToken);
                output.Flush(flushToDisk: true);
            }
            else
                tarFile.Flush(flushToDisk: true);
        }

        File.Move(passphrase is null ? archive : archive + ".sealed", file);
        AtomicFile.SyncFolder(Path.GetDirectoryName(Path.GetFullPath(file)) ?? ".");
        return revision;
    }

    /// <summary>Unpacks a backup into a data folder that does not exist yet. It appears complete or not at all.</summary>
    /// <exception cref="CommandException">The folder exists, the passphrase is wrong, or the file is no backup.</exception>
    public static async Task RestoreAsync(string file, DataFolder folder, string? passphrase, CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder.Path) && Directory.EnumerateFileSystemEntries(folder.Path).Any())
            throw new CommandException($"{folder.Path} is not empty; restore into a new folder, or move it away first");
        var parent = Path.GetDirectoryName(Path.GetFullPath(folder.Path)) ?? "/";
        AtomicFile.CreateFolder(parent);
        using var scratch = new ScratchFolder(parent);
        await using var input = Open(file);
        Stream archive = input;
        if (PassphraseStream.IsSealed(input))
        {
            if (passphrase is null)
                throw new CommandException($"{file} is under a passphrase; give it with --passphrase-file");
            archive = new FileStream(Path.Combine(scratch.Path, "archive"), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                UnixCreateMode = AtomicFile.Secret,
                Options = FileOptions.DeleteOnClose,
            });
            await PassphraseStream.OpenAsync(input, archive, passphrase, cancellationToken);
            archive.Position = 0;
        }

        await using (archive)
        {
            var unpacked = Directory.CreateDirectory(Path.Combine(scratch.Path, "data"), AtomicFile.PrivateFolder).FullName;
            await UnpackAsync(file, archive, unpacked, cancellationToken);
            await SkipRevisionsAsync(Path.Combine(unpacked, "store"), cancellationToken);
            if (Directory.Exists(folder.Path))
                Directory.Delete(folder.Path);
            Directory.Move(unpacked, folder.Path);
            AtomicFile.SyncFolder(parent);
        }
    }

    /// <summary>
    /// What was written after the backup is lost, but clients may have seen its revisions: the restored store goes on
    /// beyond them, so that nobody takes new changes for old ones.
    /// </summary>
    private static async Task SkipRevisionsAsync(string store, CancellationToken cancellationToken)
    {
        long revision;
        await using (var opened = await SqliteStore.OpenAsync(new SqliteStoreOptions { Folder = store, CheckIntegrity = true }, cancellationToken))
            revision = await opened.GetRevisionAsync(cancellationToken);
        await using var raised = await SqliteStore.OpenAsync(
            new SqliteStoreOptions { Folder = store, MinimumRevision = revision + RevisionGap }, cancellationToken);
    }

    private static FileStream Open(string file)
    {
        try
        {
            return File.OpenRead(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{file} cannot be read: {error.Message}");
        }
    }

    private static async Task UnpackAsync(string file, Stream archive, string target, CancellationToken cancellationToken)
    {
        try
        {
            await using var gzip = new GZipStream(archive, CompressionMode.Decompress, leaveOpen: true);
            await using var tar = new TarReader(gzip);
            while (await tar.GetNextEntryAsync(cancellationToken: cancellationToken) is { } entry)
            {
                var name = entry.Name.Split('/');
                if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                    || name.Length > 2 || name.Any(part => part is "" or "." or ".."))
                    throw new InvalidDataException($"unexpected entry {entry.Name}");
                var path = Path.Combine(target, entry.Name);
                AtomicFile.CreateFolder(Path.GetDirectoryName(path) ?? target);
                await entry.ExtractToFileAsync(path, overwrite: false, cancellationToken);
                await using var written = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
                written.Flush(flushToDisk: true);
            }
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException)
        {
            throw new CommandException($"{file} is no backup, or is damaged: {error.Message}");
        }

        if (!File.Exists(Path.Combine(target, "store", SqliteStore.FileName)))
            throw new CommandException($"{file} is no backup of Sealock: it holds no store");
    }

    private static IEnumerable<string> Files(DataFolder folder) =>
        Directory.EnumerateFiles(folder.Path)
            .Concat(FoldersInside.Select(name => Path.Combine(folder.Path, name)).Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
            .Where(path => !Path.GetFileName(path).StartsWith('.'))
            .Order(StringComparer.Ordinal);

    /// <summary>A folder beside the result, deleted in the end, so that moving out of it is a rename.</summary>
    private sealed class ScratchFolder(string parent) : IDisposable
    {
        public string Path { get; } = Directory.CreateDirectory(
            System.IO.Path.Combine(parent, $".sealock-{Guid.NewGuid():N}"), AtomicFile.PrivateFolder).FullName;

        public void Dispose() => Directory.Delete(Path, recursive: true);
    }
}
