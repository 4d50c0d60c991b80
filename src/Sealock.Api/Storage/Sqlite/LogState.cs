// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage.Watching;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>Which revisions can be read.</summary>
internal sealed class LogState(WatchHub hub, long compacted)
{
    private long compacted = compacted;

    /// <summary>The last published revision.</summary>
    public long Revision => hub.Revision;

    /// <summary>The oldest revision whose state can be read. It is raised before the first row is removed.</summary>
    public long Compacted => Volatile.Read(ref compacted);

    /// <summary>Called by the writer's thread alone.</summary>
    public void RaiseCompacted(long revision) => Volatile.Write(ref compacted, Math.Max(compacted, revision));

    /// <summary>The revision to read at: <paramref name="revision"/>, or the present one for 0.</summary>
    /// <exception cref="CompactedException">It is too old.</exception>
    /// <exception cref="FutureRevisionException">It has not been reached.</exception>
    public long Resolve(long revision)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        var current = Revision;
        if (revision == 0)
            return current;
        if (revision > current)
            throw new FutureRevisionException(revision, current);
        ThrowIfCompacted(revision);
        return revision;
    }

    /// <summary>
    /// Called before and again after rows have been read without a transaction: what was not compacted after the read
    /// was complete while it was made.
    /// </summary>
    public void ThrowIfCompacted(long revision)
    {
        if (Compacted is var oldest && revision < oldest)
            throw new CompactedException(revision, oldest);
    }
}
