// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Backups;

/// <summary>A folder beside a result, for its owner alone, deleted in the end: moving out of it is a rename.</summary>
internal sealed class ScratchFolder(string parent) : IDisposable
{
    public string Path { get; } = Directory.CreateDirectory(
        System.IO.Path.Combine(parent, $".sealock-{Guid.NewGuid():N}"), AtomicFile.PrivateFolder).FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
