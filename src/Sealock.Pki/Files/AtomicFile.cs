// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Sealock.Pki.Files;

/// <summary>
/// Writes files so that a reader, also after a power cut, sees the old content or the new one and never a part: into a
/// temporary file in the same folder, which has its final mode before it has content, then fsync, rename, and fsync of
/// the folder.
/// </summary>
public static partial class AtomicFile
{
    /// <summary>Read and write for the owner alone (0600): private keys, tokens, kubeconfigs.</summary>
    public const UnixFileMode Secret = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Readable for everyone (0644): certificates.</summary>
    public const UnixFileMode Public = Secret | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    /// <summary>Everything for the owner alone (0700).</summary>
    public const UnixFileMode PrivateFolder = Secret | UnixFileMode.UserExecute;

    /// <summary>Writes a file, replacing what is there. Symbolic links are replaced, not followed.</summary>
    /// <exception cref="IOException">The folder does not exist, or the disk is full; the old file is untouched.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static void Write(string path, ReadOnlySpan<byte> content, UnixFileMode mode)
    {
        var full = Path.GetFullPath(path);
        var folder = Path.GetDirectoryName(full) ?? "/";
        var temporary = Path.Combine(folder, $".{Path.GetFileName(full)}.{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        try
        {
            using (var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = mode,
                BufferSize = 0,
            }))
            {
                // The process's umask may have taken bits away.
                File.SetUnixFileMode(file.SafeFileHandle, mode);
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }

        SyncFolder(folder);
    }

    /// <summary>Creates a folder for its owner alone, with its missing parents; an existing one is left as it is.</summary>
    public static void CreateFolder(string path)
    {
        if (!Directory.Exists(path))
            Directory.CreateDirectory(path, PrivateFolder);
    }

    /// <summary>Makes renames in a folder durable.</summary>
    /// <exception cref="IOException">The folder could not be synced.</exception>
    public static void SyncFolder(string folder)
    {
        const int readOnlyFolder = 0x10000; // O_RDONLY | O_DIRECTORY
        var descriptor = Open(folder, readOnlyFolder);
        if (descriptor < 0)
            throw new IOException($"{folder} could not be opened: {Marshal.GetLastPInvokeErrorMessage()}");
        var synced = Sync(descriptor);
        var error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(descriptor);
        if (synced != 0)
            throw new IOException($"{folder} could not be synced: {error}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int descriptor);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int descriptor);
}
