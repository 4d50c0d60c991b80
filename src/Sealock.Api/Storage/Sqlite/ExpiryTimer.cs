// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>Starts an <see cref="ExpireOperation"/> whenever the next time to live ends.</summary>
internal sealed partial class ExpiryTimer : IDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly ILogger logger;
    private readonly Func<ExpireOperation, ValueTask> enqueue;
    private readonly ITimer timer;
    private long next = long.MaxValue;
    private bool disposed;

    /// <param name="enqueue">Gives an operation to the writer.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="logger">Where failures are reported.</param>
    public ExpiryTimer(Func<ExpireOperation, ValueTask> enqueue, TimeProvider clock, ILogger logger)
    {
        this.enqueue = enqueue;
        this.clock = clock;
        this.logger = logger;
        timer = clock.CreateTimer(
            static self => ((ExpiryTimer)self!).Start(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Deletes what is due now, and from then on whatever comes due.</summary>
    public void Start()
    {
        lock (gate)
            next = long.MaxValue;
        _ = ExpireAsync();
    }

    /// <summary>Has the timer fire at <paramref name="expiry"/> (milliseconds since 1970) at the latest.</summary>
    public void NoteExpiry(long expiry)
    {
        lock (gate)
        {
            if (disposed || expiry >= next)
                return;
            next = expiry;
            var wait = TimeSpan.FromMilliseconds(Math.Max(0, expiry - clock.GetUtcNow().ToUnixTimeMilliseconds()));
            timer.Change(wait < LongestWait ? wait : LongestWait, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            timer.Dispose();
        }
    }

    private async Task ExpireAsync()
    {
        try
        {
            long? upcoming;
            do
            {
                var operation = new ExpireOperation(clock.GetUtcNow().ToUnixTimeMilliseconds());
                await enqueue(operation);
                await operation.Completion;
                upcoming = operation.Next;
            }
            while (upcoming <= clock.GetUtcNow().ToUnixTimeMilliseconds());
            if (upcoming is { } expiry)
                NoteExpiry(expiry);
        }
        catch (ObjectDisposedException)
        {
            // The store is being closed: what is due is deleted when it is opened again.
        }
        catch (StoreUnavailableException fault)
        {
            Log.ExpiryFailed(logger, fault.Message);
            NoteExpiry((clock.GetUtcNow() + RetryAfter).ToUnixTimeMilliseconds());
        }
    }

    private static partial class Log
    {
        [LoggerMessage(Level = LogLevel.Error, Message = "entries whose time to live is over could not be deleted: {Reason}")]
        public static partial void ExpiryFailed(ILogger logger, string reason);
    }
}
