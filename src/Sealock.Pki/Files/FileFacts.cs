// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Sealock.Pki.Files;

/// <summary>What stands under a name.</summary>
public enum FileKind
{
    /// <summary>An ordinary file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A symbolic link, wherever it leads.</summary>
    Link,

    /// <summary>A device, pipe or socket.</summary>
    Other,
}

/// <summary>What the file system says of an entry; of a link itself, not of where it leads.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Owner">Its owner.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Inode">Its number in its file system.</param>
/// <param name="Device">Its file system: only within one can an entry be renamed.</param>
public sealed record FileFacts(FileKind Kind, UnixFileMode Mode, FileOwner Owner, long Length, ulong Inode, ulong Device)
{
    internal const int NativeSize = 256;

    /// <summary>Reads the kernel's <c>struct statx</c>, which is the same on all processors.</summary>
    internal static FileFacts Read(ReadOnlySpan<byte> native)
    {
        var mode = MemoryMarshal.Read<ushort>(native[28..]);
        return new FileFacts(
            (mode & 0xf000) switch
            {
                0x8000 => FileKind.File,
                0x4000 => FileKind.Folder,
                0xa000 => FileKind.Link,
                _ => FileKind.Other,
            },
            (UnixFileMode)(mode & 0xfff),
            new FileOwner(MemoryMarshal.Read<uint>(native[20..]), MemoryMarshal.Read<uint>(native[24..])),
            MemoryMarshal.Read<long>(native[40..]),
            MemoryMarshal.Read<ulong>(native[32..]),
            ((ulong)MemoryMarshal.Read<uint>(native[136..]) << 32) | MemoryMarshal.Read<uint>(native[140..]));
    }
}
