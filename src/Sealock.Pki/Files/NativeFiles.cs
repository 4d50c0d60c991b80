// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Sealock.Pki.Files;

/// <summary>The system's file calls that .NET does not offer: those relative to an open folder, and owners.</summary>
internal static partial class NativeFiles
{
    public const int CloseOnExec = 0x80000;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int WriteOnly = 1;
    public const int NonBlocking = 0x800;
    public const int CurrentFolder = -100;
    public const int DoNotFollow = 0x100;
    public const int EmptyPath = 0x1000;
    public const int RemoveFolder = 0x200;
    public const uint BasicFacts = 0x7ff;
    public const int LockExclusivelyOrFail = 2 | 4;
    public const int Unlock = 8;

    public const int NoSuchEntry = 2;
    public const int WouldBlock = 11;
    public const int Exists = 17;
    public const int NotAFolder = 20;
    public const int NotEmpty = 39;
    public const int TooManyLinks = 40;

    // The values of these two differ between processors (fcntl.h).
    private static readonly bool Arm = RuntimeInformation.ProcessArchitecture is Architecture.Arm or Architecture.Arm64;

    public static readonly int FolderOnly = Arm ? 0x4000 : 0x10000;
    public static readonly int NoLinks = Arm ? 0x8000 : 0x20000;

    /// <summary>The last call's failure as an exception.</summary>
    public static Exception Failure(string path, string what)
    {
        var code = Marshal.GetLastPInvokeError();
        var message = $"{path} {what}: {Marshal.GetPInvokeErrorMessage(code)}";
        return code is 1 or 13 or 30 // EPERM, EACCES, EROFS
            ? new UnauthorizedAccessException(message)
            : new IOException(message, code);
    }

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle OpenAt(int folder, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "openat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial SafeFileHandle OpenAt(SafeFileHandle folder, string name, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "mkdirat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int MakeFolderAt(SafeFileHandle folder, string name, uint mode);

    [LibraryImport("libc", EntryPoint = "renameat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int RenameAt(SafeFileHandle folder, string name, SafeFileHandle newFolder, string newName);

    [LibraryImport("libc", EntryPoint = "unlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int UnlinkAt(SafeFileHandle folder, string name, int flags);

    [LibraryImport("libc", EntryPoint = "symlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int LinkAt(string target, SafeFileHandle folder, string name);

    [LibraryImport("libc", EntryPoint = "readlinkat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint ReadLinkAt(SafeFileHandle folder, string name, Span<byte> buffer, nuint size);

    [LibraryImport("libc", EntryPoint = "fchown", SetLastError = true)]
    public static partial int ChangeOwner(SafeFileHandle file, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "fchownat", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int ChangeOwnerAt(SafeFileHandle folder, string name, uint user, uint group, int flags);

    [LibraryImport("libc", EntryPoint = "statx", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Facts(SafeFileHandle folder, string name, int flags, uint mask, Span<byte> facts);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    public static partial int Sync(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "syncfs", SetLastError = true)]
    public static partial int SyncFileSystem(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    public static partial int Lock(SafeFileHandle file, int operation);

    [LibraryImport("libc", EntryPoint = "geteuid")]
    public static partial uint EffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    public static partial uint EffectiveGroup();

    [LibraryImport("libc", EntryPoint = "getpwnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FindUser(string name, Span<byte> entry, Span<byte> buffer, nuint size, out nint found);

    [LibraryImport("libc", EntryPoint = "getgrnam_r", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int FindGroup(string name, Span<byte> entry, Span<byte> buffer, nuint size, out nint found);
}
