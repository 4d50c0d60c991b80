// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Storage.Watching;

/// <summary>
/// Hands committed changes to the watchers, in commit order. A driver publishes before it acknowledges, so whoever
/// knows of a write finds it published.
/// </summary>
internal sealed class WatchHub : IDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly List<Watcher> watchers = [];
    private readonly WatchBuffer limits;
    private readonly ITimer progressTimer;
    private Exception? end;
    private long revision;
    private long progressReported;

    public WatchHub(long revision, WatchBuffer limits, TimeProvider clock)
    {
        this.revision = revision;
        this.limits = limits;
        progressTimer = clock.CreateTimer(
            static hub => ((WatchHub)hub!).ReportProgress(), this, ProgressInterval, ProgressInterval);
    }

    /// <summary>The last published revision.</summary>
    public long Revision => Volatile.Read(ref revision);

    /// <summary>Publishes the changes that lead to <paramref name="reached"/>.</summary>
    public void Publish(IReadOnlyList<StoreEvent> events, long reached)
    {
        lock (gate)
        {
            Volatile.Write(ref revision, reached);
            for (var i = watchers.Count - 1; i >= 0; i--)
            {
                if (!watchers[i].Offer(events, reached))
                    watchers.RemoveAt(i);
            }
        }
    }

    /// <summary>A watcher of everything published from now on that is newer than <paramref name="afterRevision"/>.</summary>
    public Watcher Join(string prefix, long afterRevision)
    {
        lock (gate)
        {
            if (end is not null)
                throw end;
            var watcher = new Watcher(this, prefix, Math.Max(afterRevision, revision), limits) { Start = revision };
            watchers.Add(watcher);
            return watcher;
        }
    }

    /// <summary>Has every watcher report that it has come to the present revision.</summary>
    public void ReportProgress()
    {
        if (Volatile.Read(ref progressReported) >= Revision)
            return;
        lock (gate)
        {
            Volatile.Write(ref progressReported, revision);
            foreach (var watcher in watchers)
                watcher.ReportProgress();
        }
    }

    /// <summary>Ends all watches, and all that would begin later.</summary>
    public void End(Exception fault)
    {
        lock (gate)
        {
            end = fault;
            foreach (var watcher in watchers)
                watcher.End(fault);
            watchers.Clear();
        }
    }

    public void Remove(Watcher watcher)
    {
        lock (gate)
            watchers.Remove(watcher);
    }

    public void Dispose() => progressTimer.Dispose();
}
