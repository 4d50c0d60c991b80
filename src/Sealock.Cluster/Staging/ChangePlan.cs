// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>What a change does to a file or folder.</summary>
public enum ChangeKind
{
    /// <summary>Nothing: it is as wanted already.</summary>
    Unchanged,

    /// <summary>It was not there.</summary>
    Created,

    /// <summary>Its content is another.</summary>
    Replaced,

    /// <summary>Its content stays, its mode or owner is another.</summary>
    Adjusted,

    /// <summary>It was there and goes.</summary>
    Deleted,

    /// <summary>What stands there is not Sealock's to replace: a folder in a file's place, a device, a far too long file.</summary>
    Blocked,
}

/// <summary>One file or folder of a change.</summary>
/// <param name="Path">Path below the root.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Before">What was found.</param>
/// <param name="After">What is wanted.</param>
/// <param name="IsFolder">Whether it is wanted as a folder.</param>
public sealed record PlannedChange(string Path, ChangeKind Kind, EntryState Before, EntryState After, bool IsFolder);

/// <summary>Compares what is wanted with what is there. Pure.</summary>
public static class ChangePlan
{
    /// <summary>What has to be done, in the order of the change set; missing folders first.</summary>
    /// <param name="wanted">The change set.</param>
    /// <param name="findFile">Tells what stands under a path, links themselves.</param>
    /// <param name="findFolder">Tells the same of a folder, which a link may lead to.</param>
    /// <param name="limits">Limits of a change set.</param>
    /// <exception cref="StagingException">The change set contradicts itself, or exceeds a limit.</exception>
    public static IReadOnlyList<PlannedChange> Compare(
        ChangeSet wanted, Func<string, EntryState> findFile, Func<string, EntryState> findFolder, StagingLimits? limits = null)
    {
        Validate(wanted, limits ?? new StagingLimits());
        return
        [
            .. Folders(wanted).Select(folder => Folder(folder, findFolder(folder.Path))),
            .. wanted.Files.Select(file => File(file.Path, Wanted(file), findFile(file.Path))),
            .. wanted.Deleted.Select(path => File(path, EntryState.Absent, findFile(path))),
            .. wanted.DeletedFolders.Select(path => DeletedFolder(path, findFolder(path))),
        ];
    }

    internal static string Hash(ReadOnlySpan<byte> content) => Convert.ToHexStringLower(SHA256.HashData(content));

    private static EntryState Wanted(WantedFile file) => file.LinkTarget is { } target
        ? new EntryState { Kind = FileKind.Link, LinkTarget = target, Owner = file.Owner }
        : new EntryState { Kind = FileKind.File, Mode = file.Mode, Owner = file.Owner, Sha256 = file.KnownSha256 ?? Hash(file.Content.Span) };

    private static PlannedChange File(string path, EntryState after, EntryState before) => new(
        path,
        (before.Kind, after.Kind) switch
        {
            (FileKind.Folder or FileKind.Other, _) => ChangeKind.Blocked,
            (FileKind.File, _) when before.Sha256 is null => ChangeKind.Blocked,
            _ when after.IsMetBy(before) => ChangeKind.Unchanged,
            (null, _) => ChangeKind.Created,
            (_, null) => ChangeKind.Deleted,
            (FileKind.File, FileKind.File) when before.Sha256 == after.Sha256 => ChangeKind.Adjusted,
            _ => ChangeKind.Replaced,
        },
        before, after, IsFolder: false);

    private static PlannedChange Folder(FolderWish folder, EntryState before)
    {
        var after = new EntryState { Kind = FileKind.Folder, Mode = folder.Mode, Owner = folder.Owner };
        var kind = before.Kind switch
        {
            null => ChangeKind.Created,
            FileKind.Folder when !folder.Matters || after.IsMetBy(before) => ChangeKind.Unchanged,
            FileKind.Folder => ChangeKind.Adjusted,
            _ => ChangeKind.Blocked,
        };
        return new PlannedChange(folder.Path, kind, before, after, IsFolder: true);
    }

    private static PlannedChange DeletedFolder(string path, EntryState before) => new(
        path, before.Kind == FileKind.Folder ? ChangeKind.Deleted : ChangeKind.Unchanged, before, EntryState.Absent, IsFolder: true);

    /// <summary>All folders that are needed, the outermost first.</summary>
    private static SortedDictionary<string, FolderWish>.ValueCollection Folders(ChangeSet wanted)
    {
        var wishes = new SortedDictionary<string, FolderWish>(StringComparer.Ordinal);
        foreach (var file in wanted.Files)
        {
            foreach (var parent in StagingPath.Parents(file.Path))
            {
                var known = wishes.GetValueOrDefault(parent);
                if (known is null)
                    wishes[parent] = new FolderWish(parent, AtomicFile.PrivateFolder, file.Owner, Matters: false);
                else if (known.Mode != SharedFolder && known.Owner != file.Owner)
                    wishes[parent] = known with { Mode = SharedFolder, Owner = null };
            }
        }

        foreach (var folder in wanted.Folders)
        {
            foreach (var parent in StagingPath.Parents(folder.Path))
                wishes.TryAdd(parent, new FolderWish(parent, SharedFolder, null, Matters: false));
            wishes[folder.Path] = new FolderWish(folder.Path, folder.Mode, folder.Owner, Matters: true);
        }

        return wishes.Values;
    }

    private static void Validate(ChangeSet wanted, StagingLimits limits)
    {
        if ((long)wanted.Files.Count + wanted.Deleted.Count + wanted.Folders.Count > limits.Entries)
            throw new StagingException($"more than {limits.Entries} files in one change");
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in wanted.Files.Select(file => file.Path).Concat(wanted.Deleted))
        {
            if (StagingPath.Mistake(path) is { } mistake)
                throw new StagingException(mistake);
            if (!files.Add(path))
                throw new StagingException($"{path} is named twice in one change");
        }

        foreach (var path in wanted.Folders.Select(folder => folder.Path).Concat(wanted.DeletedFolders))
        {
            if (StagingPath.Mistake(path) is { } mistake)
                throw new StagingException(mistake);
        }

        if (Folders(wanted).FirstOrDefault(folder => files.Contains(folder.Path)) is { } both)
            throw new StagingException($"{both.Path} is wanted as a file and as a folder");
        if (wanted.Files.FirstOrDefault(file => file.Content.Length > limits.FileBytes) is { } large)
            throw new StagingException($"{large.Path} is longer than {limits.FileBytes} bytes");
        if (wanted.Files.Sum(file => (long)file.Content.Length) > limits.TotalBytes)
            throw new StagingException($"the files of one change are longer than {limits.TotalBytes} bytes together");
    }

    private const UnixFileMode SharedFolder = AtomicFile.PrivateFolder
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    // Matters: whether its mode and owner were asked for, or only serve if it has to be made.
    private sealed record FolderWish(string Path, UnixFileMode Mode, FileOwner? Owner, bool Matters);
}
