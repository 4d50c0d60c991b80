// SPDX-License-Identifier: Apache-2.0
using System.IO.Pipelines;
using Sealock.Api.Caching;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>
/// A watch in progress. Events are written as they come, flushed when none is left; bookmarks come about every minute
/// and at the end of the time.
/// </summary>
internal sealed class WatchResponse(
    ServerCore core,
    CacheWatcher watcher,
    WatchStream stream,
    List<Change> initial,
    bool bookmarks,
    TimeSpan time) : ApiResponse
{
    private const int FlushSize = 64 * 1024;

    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    /// <summary>Whether a bookmark tells where the initial events end.</summary>
    public bool MarksInitialEnd { get; init; }

    /// <summary>The revision of the state with which the watch begins.</summary>
    public required long InitialRevision { get; init; }

    /// <inheritdoc/>
    public override long? ContentLength => null;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        using var registration = watcher;

        // A timer may fire a little before the clock says so: that it fired is what counts.
        var end = new Alarm(watcher);
        var regular = new Alarm(watcher);
        using var endTimer = core.Clock.CreateTimer(Alarm.Ring, end, time, Timeout.InfiniteTimeSpan);
        using var regularTimer = core.Clock.CreateTimer(
            Alarm.Ring, regular, bookmarks ? BookmarkInterval : Timeout.InfiniteTimeSpan, BookmarkInterval);
        await WriteInitialAsync(output, cancellationToken);
        while (await watcher.WaitAsync(cancellationToken))
        {
            // Read before the queue is drained: what this revision covers is in the queue by now.
            var complete = core.Feed.Revision;
            await DrainAsync(output, cancellationToken);
            var over = end.Take();
            if (regular.Take() || (over && bookmarks))
                stream.WriteBookmark(output, Math.Max(complete, InitialRevision), endsInitialEvents: false);

            await output.FlushAsync(cancellationToken);
            if (over)
                return;
        }

        if (watcher.End == WatchEnd.TooSlow)
            WatchStream.WriteError(
                output, ApiException.Expired("the watch did not keep up with the changes and was ended"));
        await output.FlushAsync(cancellationToken);
    }

    private async ValueTask WriteInitialAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        var unflushed = 0;
        foreach (var change in initial)
        {
            unflushed += stream.Write(output, change);
            if (unflushed < FlushSize)
                continue;
            await output.FlushAsync(cancellationToken);
            unflushed = 0;
        }

        initial.Clear();
        if (MarksInitialEnd)
            stream.WriteBookmark(output, InitialRevision, endsInitialEvents: true);

        // Also without an event, so that the client sees the answer begin.
        await output.FlushAsync(cancellationToken);
    }

    private async ValueTask DrainAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        var unflushed = 0;
        while (watcher.TakeChange(out var change, out var tick))
        {
            if (tick)
                continue;
            unflushed += stream.Write(output, change);
            if (unflushed < FlushSize)
                continue;
            await output.FlushAsync(cancellationToken);
            unflushed = 0;
        }
    }

    /// <summary>Remembers that its timer fired, and wakes the watch.</summary>
    private sealed class Alarm(CacheWatcher watcher)
    {
        private int rang;

        public static void Ring(object? alarm)
        {
            var self = (Alarm)alarm!;
            Volatile.Write(ref self.rang, 1);
            self.Wake();
        }

        /// <summary>Whether it rang since it was last asked.</summary>
        public bool Take() => Interlocked.Exchange(ref rang, 0) == 1;

        private void Wake() => watcher.Tick();
    }
}
