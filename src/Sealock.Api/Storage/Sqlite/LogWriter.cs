// SPDX-License-Identifier: Apache-2.0
using System.Threading.Channels;
using Sealock.Api.Storage.Watching;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>
/// The one writer: a thread that takes whatever is queued, writes it in one transaction, publishes the events, and
/// then lets the waiting callers go on. While one group is synced to disk the next gathers, without any delay.
/// </summary>
internal sealed class LogWriter : IAsyncDisposable
{
    private const int QueueLength = 4096;
    private const int OperationsPerCommit = 1024;
    private const int BytesPerCommit = 16 << 20;

    private readonly Channel<WriteOperation> queue = Channel.CreateBounded<WriteOperation>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait });

    private readonly TaskCompletionSource stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Database database;
    private readonly LogTable log;
    private readonly WatchHub hub;
    private readonly Action<long> expiryWritten;
    private readonly string folder;

    /// <summary>Takes over the connection and starts the thread.</summary>
    /// <param name="database">A connection for writing.</param>
    /// <param name="hub">Where committed changes are published; its revision is where writing goes on.</param>
    /// <param name="folder">The data folder, for messages.</param>
    /// <param name="expiryWritten">Told, on the writer's thread, when a newly written time to live ends.</param>
    public LogWriter(Database database, WatchHub hub, string folder, Action<long> expiryWritten)
    {
        this.database = database;
        this.hub = hub;
        this.folder = folder;
        this.expiryWritten = expiryWritten;
        log = new LogTable(database);
        new Thread(Run) { IsBackground = true, Name = "store writer" }.Start();
    }

    /// <summary>Queues an operation; waits while the queue is full.</summary>
    /// <exception cref="ObjectDisposedException">The store has been closed.</exception>
    public async ValueTask EnqueueAsync(WriteOperation operation, CancellationToken cancellationToken)
    {
        try
        {
            await queue.Writer.WriteAsync(operation, cancellationToken);
        }
        catch (ChannelClosedException)
        {
            throw new ObjectDisposedException(nameof(SqliteStore));
        }
    }

    /// <summary>Writes what is queued, then closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await stopped.Task;
    }

    private void Run()
    {
        var group = new List<WriteOperation>(OperationsPerCommit);
        try
        {
            while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                Gather(group);
                Write(group);
            }
        }
        finally
        {
            log.Dispose();
            database.Dispose();
            stopped.SetResult();
        }
    }

    private void Gather(List<WriteOperation> group)
    {
        group.Clear();
        var bytes = 0;
        while (group.Count < OperationsPerCommit && bytes < BytesPerCommit && queue.Reader.TryRead(out var operation))
        {
            group.Add(operation);
            bytes += operation.Size;
        }
    }

    private void Write(List<WriteOperation> group)
    {
        var transaction = new WriteTransaction(log, hub.Revision);
        try
        {
            log.Begin();
            foreach (var operation in group)
                operation.Apply(transaction);
            log.Commit();
        }
        catch (Exception fault)
        {
            Fail(group, fault);
            return;
        }
        if (transaction.Events.Count > 0)
            hub.Publish(transaction.Events, transaction.Revision);
        if (transaction.EarliestExpiry is { } expiry)
            expiryWritten(expiry);
        foreach (var operation in group)
            operation.Committed(transaction.Revision);
    }

    private void Fail(List<WriteOperation> group, Exception fault)
    {
        try
        {
            log.Rollback();
        }
        catch (SqliteFault)
        {
            // SQLite has rolled back by itself, or the next BEGIN reports what is wrong with the file.
        }
        var reported = fault is SqliteFault sqlite
            ? sqlite.ToUnavailable(folder)
            : new StoreUnavailableException("the store's writer failed: " + fault.Message, fault);
        foreach (var operation in group)
            operation.Failed(reported);
    }
}
