// SPDX-License-Identifier: Apache-2.0
using System.Formats.Tar;
using System.IO.Compression;
using System.IO.Pipelines;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Encryption;
using Sealock.Api.Storage.Sqlite;
using Sealock.Hosting;
using Sealock.Pki.Files;

namespace Sealock.Backups;

/// <summary>
/// The whole data folder in one file: a gzipped tar with the store as of one revision, the CA's key, the encryption
/// keys and everything beside them. Taking it does not disturb a running server.
/// </summary>
internal static class BackupArchive
{
    /// <summary>The store's file in the archive.</summary>
    public const string StoreEntry = "store/" + SqliteStore.FileName;

    private static readonly string[] FoldersInside = ["pki"];

    /// <summary>Writes a backup. The file appears complete or not at all, readable for its owner alone.</summary>
    /// <returns>The store's revision in the backup.</returns>
    /// <exception cref="CommandException">The folder is none, the file exists, or reading or writing fails.</exception>
    public static async Task<long> WriteAsync(
        DataFolder folder, string file, string? passphrase, CancellationToken cancellationToken)
    {
        file = Path.GetFullPath(file);
        if (!File.Exists(Path.Combine(folder.Store, SqliteStore.FileName)))
            throw new CommandException($"{folder.Path} holds no store; name the data folder with --data");
        if (Path.Exists(file))
            throw new CommandException($"{file} exists already; choose another name");
        var target = Path.GetDirectoryName(file) ?? "/";
        if (!Directory.Exists(target))
            throw new CommandException($"the folder {target} does not exist; create it first");
        try
        {
            return await WriteToAsync(folder, file, target, passphrase, cancellationToken);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException
            or StoreUnavailableException or KeyFileException)
        {
            throw new CommandException($"the backup was not made: {fault.Message}");
        }
    }

    private static async Task<long> WriteToAsync(
        DataFolder folder, string file, string target, string? passphrase, CancellationToken cancellationToken)
    {
        using var scratch = new ScratchFolder(target);
        var keysBefore = KeyFile.Load(folder.EncryptionKeys);
        var storeCopy = Path.Combine(scratch.Path, SqliteStore.FileName);

        // The store before the keys: keys are added before they are used, so no value in the copy lacks its key.
        var revision = await SqliteStore.BackupFolderAsync(folder.Store, storeCopy, cancellationToken);
        var archive = Path.Combine(scratch.Path, "archive");
        await using (var output = new FileStream(archive, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = AtomicFile.Secret,
        }))
        {
            if (passphrase is null)
                await PackAsync(folder, storeCopy, output, cancellationToken);
            else
                await PackSealedAsync(folder, storeCopy, output, passphrase, cancellationToken);
            output.Flush(flushToDisk: true);
        }

        // Only now are the keys in the archive known to be all that the copy may need.
        var keysAfter = KeyFile.Load(folder.EncryptionKeys);
        if (keysBefore.Keys.FirstOrDefault(key => keysAfter.Find(key.Id) is null) is { } dropped)
            throw new CommandException($"encryption key {dropped.Id} was dropped meanwhile; take the backup again");
        File.Move(archive, file);
        AtomicFile.SyncFolder(target);
        return revision;
    }

    /// <summary>Seals while packing, so that nothing in the clear is ever written where the backup goes.</summary>
    private static async Task PackSealedAsync(
        DataFolder folder, string storeCopy, Stream output, string passphrase, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        await using var plain = pipe.Reader.AsStream();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var packing = Task.Run(
            async () =>
            {
                Exception? fault = null;
                try
                {
                    await using var start = pipe.Writer.AsStream(leaveOpen: true);
                    await PackAsync(folder, storeCopy, start, stop.Token);
                }
                catch (Exception error)
                {
                    fault = error;
                }

                await pipe.Writer.CompleteAsync(fault);
            },
            CancellationToken.None);
        try
        {
            await PassphraseStream.SealAsync(plain, output, passphrase, cancellationToken);
        }
        finally
        {
            await stop.CancelAsync();
            await packing;
        }
    }

    private static async Task PackAsync(
        DataFolder folder, string storeCopy, Stream output, CancellationToken cancellationToken)
    {
        await using var gzip = new GZipStream(output, CompressionLevel.Fastest, leaveOpen: true);
        await using var tar = new TarWriter(gzip);
        await tar.WriteEntryAsync(storeCopy, StoreEntry, cancellationToken);
        foreach (var path in Files(folder))
            await tar.WriteEntryAsync(path, Path.GetRelativePath(folder.Path, path), cancellationToken);
    }

    /// <summary>Everything beside the store, without what is just being written.</summary>
    private static IEnumerable<string> Files(DataFolder folder) =>
        Directory.EnumerateFiles(folder.Path)
            .Concat(FoldersInside.Select(name => Path.Combine(folder.Path, name))
                .Where(Directory.Exists).SelectMany(Directory.EnumerateFiles))
            .Where(path => !Path.GetFileName(path).StartsWith('.')
                && Path.GetExtension(path) is not (".new" or ".lock"))
            .Order(StringComparer.Ordinal);
}
