// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Cluster.Sets;

/// <summary>The lock of a set: one process changes it at a time. Ends with the process.</summary>
public static class SetLock
{
    private const int Attempts = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Takes the lock, making the folder of states; null while another process has it.</summary>
    /// <exception cref="IOException">The folder cannot be made or opened.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not writable.</exception>
    public static IDisposable? TryTake(SetFolder folder)
    {
        AtomicFile.CreateFolder(folder.State);
        using var state = OpenFolder.Open(folder.State);
        // A program that is just being started holds a copy of every open file for a moment, and with it a lock just released.
        for (var attempt = 1; attempt < Attempts; attempt++)
        {
            if (state.TryLock("lock") is { } held)
                return held;
            Thread.Sleep(Pause);
        }

        return state.TryLock("lock");
    }
}
