// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Creating;

/// <summary>
/// Writes the files of a set: each into a temporary file that is renamed into place, so that whoever is killed leaves old
/// or new files and never parts. The temporary file's name follows from the file's: the next run removes what a killed
/// one left. Where a whole set is written, durability comes in the end from one sync of the file system.
/// May be used concurrently for different files.
/// </summary>
internal sealed class SetWriter(Action<string>? before)
{
    private readonly ConcurrentDictionary<string, bool> _folders = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>How many files were written.</summary>
    public int Count => _count;

    /// <summary>Writes a file with its missing folders, which are for their owner alone.</summary>
    public void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner = null, bool sync = false)
    {
        var (parent, name) = (Path.GetDirectoryName(path) ?? "/", Path.GetFileName(path));
        CreateFolder(parent);
        using var folder = OpenFolder.Open(parent);
        var temporary = $".{name}.new";
        folder.Delete(temporary);
        before?.Invoke(path + " (create)");
        folder.Create(temporary, content, mode, owner, sync);
        before?.Invoke(path + " (rename)");
        folder.Rename(temporary, folder, name);
        if (sync)
            folder.Sync();
        Interlocked.Increment(ref _count);
    }

    /// <summary>Sets the mode of a file that stands.</summary>
    public void SetMode(string path, UnixFileMode mode)
    {
        before?.Invoke(path + " (mode)");
        File.SetUnixFileMode(path, mode);
        Interlocked.Increment(ref _count);
    }

    /// <summary>Deletes a file.</summary>
    public void Delete(string path)
    {
        before?.Invoke(path + " (delete)");
        File.Delete(path);
    }

    /// <summary>Makes a folder with its missing parents.</summary>
    public void CreateFolder(string path)
    {
        if (_folders.ContainsKey(path))
            return;
        AtomicFile.CreateFolder(path);
        _folders[path] = true;
    }
}
