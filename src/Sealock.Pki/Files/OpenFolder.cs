// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Sealock.Pki.Files;

/// <summary>
/// A folder held open. What is done through it happens in that very folder, whatever is renamed or linked on the way to it
/// meanwhile, and no operation follows a symbolic link: the family of openat(2). Names are single, without a slash.
/// Operations throw <see cref="UnauthorizedAccessException"/> where permission is missing, else <see cref="IOException"/>.
/// </summary>
public sealed class OpenFolder : IDisposable
{
    private readonly SafeFileHandle _handle;

    private OpenFolder(SafeFileHandle handle, string path) => (_handle, Path) = (handle, path);

    /// <summary>The path it was opened by, for messages.</summary>
    public string Path { get; }

    /// <summary>Opens a folder; links on the way to it are followed.</summary>
    public static OpenFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        var handle = NativeFiles.OpenAt(NativeFiles.CurrentFolder, full, NativeFiles.FolderOnly | NativeFiles.CloseOnExec, 0);
        return handle.IsInvalid
            ? throw NativeFiles.Failure(full, "could not be opened")
            : new OpenFolder(handle, full);
    }

    /// <summary>Opens a folder within; null where there is none of that name.</summary>
    /// <exception cref="IOException">It is a link or no folder.</exception>
    public OpenFolder? OpenChild(string name)
    {
        var flags = NativeFiles.FolderOnly | NativeFiles.NoLinks | NativeFiles.CloseOnExec;
        var handle = NativeFiles.OpenAt(_handle, name, flags, 0);
        if (!handle.IsInvalid)
            return new OpenFolder(handle, Below(name));
        handle.Dispose();
        return Marshal.GetLastPInvokeError() == NativeFiles.NoSuchEntry
            ? null
            : throw NativeFiles.Failure(Below(name), "could not be opened as a folder");
    }

    /// <summary>Opens a folder within; null where nothing of that name is there, or a link, or no folder.</summary>
    public OpenFolder? OpenIfFolder(string name)
    {
        var flags = NativeFiles.FolderOnly | NativeFiles.NoLinks | NativeFiles.CloseOnExec;
        var handle = NativeFiles.OpenAt(_handle, name, flags, 0);
        if (!handle.IsInvalid)
            return new OpenFolder(handle, Below(name));
        handle.Dispose();
        return Marshal.GetLastPInvokeError() is NativeFiles.NoSuchEntry or NativeFiles.NotAFolder or NativeFiles.TooManyLinks
            ? null
            : throw NativeFiles.Failure(Below(name), "could not be opened");
    }

    /// <summary>Makes a folder within, with exactly this mode; an existing one is left as it is.</summary>
    public void CreateChild(string name, UnixFileMode mode, FileOwner? owner = null)
    {
        if (NativeFiles.MakeFolderAt(_handle, name, 0x1c0) != 0)
        {
            if (Marshal.GetLastPInvokeError() == NativeFiles.Exists && Look(name) is { Kind: FileKind.Folder })
                return;
            throw NativeFiles.Failure(Below(name), "could not be created");
        }

        using var child = OpenChild(name) ?? throw new IOException($"{Below(name)} is gone again");
        child.SetFacts(mode, owner);
    }

    /// <summary>The folder's own facts.</summary>
    public FileFacts LookAtItself() =>
        Look("", NativeFiles.EmptyPath) ?? throw new IOException($"{Path} is gone");

    /// <summary>The facts of an entry; null where there is none.</summary>
    public FileFacts? Look(string name) => Look(name, NativeFiles.DoNotFollow);

    /// <summary>Sets mode and owner of this folder.</summary>
    public void SetFacts(UnixFileMode mode, FileOwner? owner)
    {
        if (owner is { } given && NativeFiles.ChangeOwner(_handle, given.User, given.Group) != 0)
            throw NativeFiles.Failure(Path, $"could not be given to {given}");
        File.SetUnixFileMode(_handle, mode);
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="IOException">It is a link, no file, or longer than the limit.</exception>
    public byte[] Read(string name, long limit)
    {
        // Non-blocking: a pipe put there meanwhile must not hold us up.
        var flags = NativeFiles.NoLinks | NativeFiles.NonBlocking | NativeFiles.CloseOnExec;
        using var handle = NativeFiles.OpenAt(_handle, name, flags, 0);
        if (handle.IsInvalid)
            throw NativeFiles.Failure(Below(name), "could not be read");
        using var file = new FileStream(handle, FileAccess.Read, 0);
        if (!file.CanSeek || file.Length > limit)
            throw new IOException($"{Below(name)} is no file of at most {limit} bytes");
        var content = new byte[file.Length];
        file.ReadExactly(content);
        return content;
    }

    /// <summary>Writes a file that is not there yet, with exactly this mode; a failed one is deleted again.</summary>
    public void Create(string name, ReadOnlySpan<byte> content, UnixFileMode mode, FileOwner? owner = null, bool sync = true)
    {
        var flags = NativeFiles.Create | NativeFiles.Exclusive | NativeFiles.WriteOnly | NativeFiles.NoLinks | NativeFiles.CloseOnExec;
        using var handle = NativeFiles.OpenAt(_handle, name, flags, 0x180);
        if (handle.IsInvalid)
            throw NativeFiles.Failure(Below(name), "could not be created");
        try
        {
            // The owner first: giving a file away takes special bits from its mode.
            if (owner is { } given && NativeFiles.ChangeOwner(handle, given.User, given.Group) != 0)
                throw NativeFiles.Failure(Below(name), $"could not be given to {given}");
            File.SetUnixFileMode(handle, mode);
            RandomAccess.Write(handle, content, 0);
            if (sync && NativeFiles.Sync(handle) != 0)
                throw NativeFiles.Failure(Below(name), "could not be synced");
        }
        catch
        {
            _ = NativeFiles.UnlinkAt(_handle, name, 0);
            throw;
        }
    }

    /// <summary>Makes a symbolic link.</summary>
    public void CreateLink(string name, string target, FileOwner? owner = null)
    {
        if (NativeFiles.LinkAt(target, _handle, name) != 0)
            throw NativeFiles.Failure(Below(name), "could not be linked");
        if (owner is { } given
            && NativeFiles.ChangeOwnerAt(_handle, name, given.User, given.Group, NativeFiles.DoNotFollow) != 0)
        {
            throw NativeFiles.Failure(Below(name), $"could not be given to {given}");
        }
    }

    /// <summary>Where a symbolic link leads.</summary>
    public string ReadLink(string name)
    {
        var buffer = new byte[4096];
        var length = NativeFiles.ReadLinkAt(_handle, name, buffer, (nuint)buffer.Length);
        return length < 0
            ? throw NativeFiles.Failure(Below(name), "could not be read as a link")
            : Encoding.UTF8.GetString(buffer, 0, (int)length);
    }

    /// <summary>Moves an entry to another name, perhaps in another folder, replacing a file or link that stands there.</summary>
    public void Rename(string name, OpenFolder to, string newName)
    {
        if (NativeFiles.RenameAt(_handle, name, to._handle, newName) != 0)
            throw NativeFiles.Failure(to.Below(newName), "could not be replaced");
    }

    /// <summary>Deletes a file or link; answers whether there was one.</summary>
    public bool Delete(string name)
    {
        if (NativeFiles.UnlinkAt(_handle, name, 0) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == NativeFiles.NoSuchEntry
            ? false
            : throw NativeFiles.Failure(Below(name), "could not be deleted");
    }

    /// <summary>Deletes a folder within if it is empty; answers whether it is gone.</summary>
    public bool DeleteChild(string name)
    {
        if (NativeFiles.UnlinkAt(_handle, name, NativeFiles.RemoveFolder) == 0)
            return true;
        return Marshal.GetLastPInvokeError() switch
        {
            NativeFiles.NoSuchEntry => true,
            NativeFiles.NotEmpty or NativeFiles.Exists or NativeFiles.NotAFolder => false,
            _ => throw NativeFiles.Failure(Below(name), "could not be deleted"),
        };
    }

    /// <summary>Makes what was created, renamed and deleted in this folder durable.</summary>
    public void Sync()
    {
        if (NativeFiles.Sync(_handle) != 0)
            throw NativeFiles.Failure(Path, "could not be synced");
    }

    /// <summary>Makes everything written to this folder's file system durable: quicker than syncing many files one by one.</summary>
    public void SyncFileSystem()
    {
        if (NativeFiles.SyncFileSystem(_handle) != 0)
            throw NativeFiles.Failure(Path, "could not be synced");
    }

    /// <summary>
    /// Takes the lock that a file stands for, creating the file; null while another process has it. It ends with the
    /// returned value or with the process.
    /// </summary>
    public IDisposable? TryLock(string name)
    {
        var flags = NativeFiles.Create | NativeFiles.WriteOnly | NativeFiles.NoLinks | NativeFiles.CloseOnExec;
        var handle = NativeFiles.OpenAt(_handle, name, flags, 0x180);
        if (handle.IsInvalid)
            throw NativeFiles.Failure(Below(name), "could not be opened");
        if (NativeFiles.Lock(handle, NativeFiles.LockExclusivelyOrFail) == 0)
            return new FileLock(handle);
        var taken = Marshal.GetLastPInvokeError() == NativeFiles.WouldBlock;
        var failure = NativeFiles.Failure(Below(name), "could not be locked");
        handle.Dispose();
        return taken ? null : throw failure;
    }

    /// <inheritdoc/>
    public void Dispose() => _handle.Dispose();

    private FileFacts? Look(string name, int flags)
    {
        Span<byte> native = stackalloc byte[FileFacts.NativeSize];
        if (NativeFiles.Facts(_handle, name, flags, NativeFiles.BasicFacts, native) == 0)
            return FileFacts.Read(native);
        return Marshal.GetLastPInvokeError() == NativeFiles.NoSuchEntry
            ? null
            : throw NativeFiles.Failure(Below(name), "could not be looked at");
    }

    private string Below(string name) => name is "." or "" ? Path : System.IO.Path.Combine(Path, name);
}

/// <summary>
/// A lock that is given back at once. Closing alone would not do: a process that another thread is just starting has a
/// copy of the handle until it runs its program.
/// </summary>
file sealed class FileLock(SafeFileHandle handle) : IDisposable
{
    public void Dispose()
    {
        if (!handle.IsClosed)
            _ = NativeFiles.Lock(handle, NativeFiles.Unlock);
        handle.Dispose();
    }
}
