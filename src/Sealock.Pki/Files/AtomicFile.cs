// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Sealock.Pki.Files;

/// <summary>
/// Writes files so that a reader, also after a power cut, sees the old content or the new one and never a part: into a
/// temporary file in the same folder, which has its final mode and owner before it has content, then fsync, rename, and
/// fsync of the folder.
/// </summary>
public static class AtomicFile
{
    /// <summary>Read and write for the owner alone (0600): private keys, tokens, kubeconfigs.</summary>
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Readable for everyone (0644): certificates.</summary>
    public const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everything for the owner alone (0700).</summary>
    public const UnixFileMode PrivateFolder = Secret | UnixFileMode.UserExecute;

    /// <summary>Writes a file, replacing what is there. Symbolic links are replaced, not followed.</summary>
    /// <exception cref="IOException">The folder does not exist, or the disk is full; the old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable, or the file may not be given to the owner.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner = null)
    {
        var full = Path.GetFullPath(path);
        var name = Path.GetFileName(full);
        using var folder = OpenFolder.Open(Path.GetDirectoryName(full) ?? "/");
        Write(folder, name, content, mode, owner);
    }

    /// <summary>Writes a file in a folder that is held open.</summary>
    public static void Write(OpenFolder folder, string name, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner = null)
    {
        var temporary = $".{name}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}";
        folder.Create(temporary, content, mode, owner);
        try
        {
            folder.Rename(temporary, folder, name);
        }
        catch
        {
            folder.Delete(temporary);
            throw;
        }

        folder.Sync();
    }

    /// <summary>Creates a folder for its owner alone, with its missing parents; an existing one is left as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (Directory.Exists(path))
            return;
        // Directory.CreateDirectory gives the mode to the last folder alone.
        if (Path.GetDirectoryName(Path.GetFullPath(path).TrimEnd('/')) is { } parent)
            CreateFolder(parent);
        Directory.CreateDirectory(path, PrivateFolder);
    }

    /// <summary>Makes renames in a folder durable.</summary>
    /// <exception cref="IOException">The folder could not be synced.</exception>
    public static void SyncFolder(string folder)
    {
        using var open = OpenFolder.Open(folder);
        open.Sync();
    }
}
