// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Sqlite;

/// <summary>Work on the log that no client asked for by key: compaction, sweeping, expiry.</summary>
internal abstract class UpkeepOperation : WriteOperation
{
    private readonly TaskCompletionSource<bool> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends with whether more of the same is left to do.</summary>
    public Task<bool> Completion => completion.Task;

    /// <summary>Whether more of the same is left to do, set by <see cref="WriteOperation.Apply"/>.</summary>
    protected bool More { get; set; }

    public override void Committed(long revision) => completion.SetResult(More);

    public override void Failed(Exception fault) => completion.SetException(fault);
}

/// <summary>Gives up history before a revision. Readers learn of it before the first row goes.</summary>
internal sealed class CompactOperation(long revision, LogState state) : UpkeepOperation
{
    public override void Apply(WriteTransaction transaction) => transaction.Log.Compact(revision);

    public override void Committed(long committedRevision)
    {
        state.RaiseCompacted(revision);
        base.Committed(committedRevision);
    }
}

/// <summary>Removes a bounded part of what compactions have given up.</summary>
internal sealed class SweepOperation(LogState state) : UpkeepOperation
{
    // Two deletions per row with their index entries: a few milliseconds in which other writes wait.
    private const int RowsPerStep = 256;

    public override void Apply(WriteTransaction transaction) =>
        More = transaction.Log.Sweep(state.Compacted, RowsPerStep);
}

/// <summary>Deletes a bounded number of entries whose time to live is over, as ordinary deletions.</summary>
internal sealed class ExpireOperation(long now) : UpkeepOperation
{
    private const int KeysPerStep = 256;

    /// <summary>When the next time to live ends, in milliseconds since 1970; valid after completion.</summary>
    public long? Next { get; private set; }

    public override void Apply(WriteTransaction transaction)
    {
        foreach (var key in transaction.Log.Due(now, KeysPerStep))
        {
            // `expires` stands only on a key's last row, and never on a deletion.
            if (transaction.Log.Last(key) is { Deleted: false } last)
                transaction.Delete(StoreKey.Decode(key), key, last);
        }
        Next = transaction.Log.NextExpiry();
    }
}
