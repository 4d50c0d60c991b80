// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;

namespace Sealock.Api.Storage.Watching;

/// <summary>
/// One watch's buffer of events not yet taken. It is bounded in events and bytes: at the bound the watcher is ended,
/// so that a consumer that sleeps costs neither memory nor the writers' time.
/// </summary>
internal sealed class Watcher(WatchHub hub, string prefix, long afterRevision, WatchBuffer limits) : IDisposable
{
    private readonly Lock gate = new();
    private readonly Channel<byte> wakeUps = Channel.CreateBounded<byte>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private List<StoreEvent> pending = [];
    private long pendingBytes;
    private readonly long after = afterRevision;
    private long reached = afterRevision;
    private long reported;
    private Exception? end;

    /// <summary>The revision the hub had published when this watcher joined; it holds everything after.</summary>
    public required long Start { get; init; }

    /// <summary>Takes what concerns this watcher out of a commit; false when the watcher is over.</summary>
    public bool Offer(IReadOnlyList<StoreEvent> events, long revision)
    {
        lock (gate)
        {
            if (end is not null)
                return false;
            var before = pending.Count;
            foreach (var change in events)
            {
                if (change.Revision <= after || !change.Key.StartsWith(prefix, StringComparison.Ordinal))
                    continue;
                pending.Add(change);
                pendingBytes += SizeOf(change);
            }
            reached = Math.Max(reached, revision);
            if (pending.Count == before)
                return true;
            if (pending.Count > limits.Events || (pendingBytes > limits.Bytes && pending.Count > 1))
            {
                EndLocked(new SlowWatcherException());
                return false;
            }
        }
        wakeUps.Writer.TryWrite(0);
        return true;
    }

    /// <summary>Has the consumer learn how far the watch has come, also where no event concerns it.</summary>
    public void ReportProgress()
    {
        lock (gate)
        {
            if (reached <= reported)
                return;
        }
        wakeUps.Writer.TryWrite(0);
    }

    /// <summary>Ends the watch with a fault that its consumer sees next.</summary>
    public void End(Exception fault)
    {
        lock (gate)
            EndLocked(fault);
    }

    /// <summary>Waits for the next events or for progress.</summary>
    public async ValueTask<StoreBatch> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (gate)
            {
                if (end is not null)
                    throw end;
                if (pending.Count > 0 || reached > reported)
                {
                    var batch = new StoreBatch(pending, reached);
                    pending = [];
                    pendingBytes = 0;
                    reported = reached;
                    return batch;
                }
            }
            await wakeUps.Reader.ReadAsync(cancellationToken);
        }
    }

    public void Dispose() => hub.Remove(this);

    private void EndLocked(Exception fault)
    {
        end ??= fault;
        pending = [];
        wakeUps.Writer.TryWrite(0);
    }

    private static long SizeOf(StoreEvent change) =>
        (change.Key.Length * 2L) + (change.Entry?.Value.Length ?? 0) + (change.Previous?.Value.Length ?? 0) + 200;
}

/// <summary>How much one watcher may have outstanding.</summary>
internal readonly record struct WatchBuffer(int Events, long Bytes);
