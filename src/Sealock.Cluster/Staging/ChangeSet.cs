// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>A file as it is to stand below a root folder.</summary>
public sealed record WantedFile
{
    /// <summary>Path below the root, with slashes and without a leading one: <c>etc/kubernetes/pki/ca.crt</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The whole content.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }

    /// <summary>Exactly its mode.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>Its owner; null leaves the owner of an existing file, and makes a new one this process's.</summary>
    public FileOwner? Owner { get; init; }

    /// <summary>Where set, a symbolic link to this is wanted instead of a file (only a rollback wants one).</summary>
    internal string? LinkTarget { get; init; }

    /// <summary>The hash of a content that is not at hand, since the machine it is for has it (only a rollback).</summary>
    internal string? KnownSha256 { get; init; }
}

/// <summary>A folder with the mode and owner it is to have; its inode never changes.</summary>
public sealed record WantedFolder
{
    /// <summary>Path below the root, as of <see cref="WantedFile.Path"/>.</summary>
    public required string Path { get; init; }

    /// <summary>Exactly its mode.</summary>
    public required UnixFileMode Mode { get; init; }

    /// <summary>Its owner; null leaves the owner of an existing folder, and makes a new one this process's.</summary>
    public FileOwner? Owner { get; init; }
}

/// <summary>
/// What is to be so below a root folder, all of it or nothing: files with these contents, files that are gone, and
/// folders with these modes. What is not named is left alone. Missing parent folders are made: for one owner, if all
/// wanted files below have the same, with mode 0700, else 0755.
/// </summary>
public sealed record ChangeSet
{
    /// <summary>Files that are to be there.</summary>
    public required IReadOnlyList<WantedFile> Files { get; init; }

    /// <summary>Paths of files that are to be gone.</summary>
    public IReadOnlyList<string> Deleted { get; init; } = [];

    /// <summary>Folders whose mode and owner matter, also when they exist already.</summary>
    public IReadOnlyList<WantedFolder> Folders { get; init; } = [];

    /// <summary>Folders to be deleted, if they are empty then (only a rollback wants this).</summary>
    internal IReadOnlyList<string> DeletedFolders { get; init; } = [];
}
