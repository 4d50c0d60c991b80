// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Sealock.Api.Storage.Watching;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>
/// The embedded store: one SQLite file in WAL mode, synced at every commit, written by one thread that commits in
/// groups, read by a few connections. See <see cref="IStore"/> for what it promises.
/// </summary>
public sealed class SqliteStore : IStore
{
    /// <summary>The database's file name in the data folder; a backup is restored by putting it there.</summary>
    public const string FileName = "store.db";

    /// <summary>The largest value, in bytes.</summary>
    public const int MaxValueBytes = 16 << 20;

    // A watch joins the live events when it is this close; before, it reads history without holding up a buffer.
    private const long JoinDistance = 1_000;

    private readonly SqliteStoreOptions options;
    private readonly DataFolder folder;
    private readonly WatchHub hub;
    private readonly LogState state;
    private readonly LogWriter writer;
    private readonly ReaderPool readers;
    private readonly ExpiryTimer expiry;
    private int disposed;

    private SqliteStore(SqliteStoreOptions options, DataFolder folder, Database database)
    {
        this.options = options;
        this.folder = folder;
        hub = new WatchHub(Schema.ReadRevision(database), options.WatchBuffer, options.Clock);
        state = new LogState(hub, database.ReadInteger("SELECT compacted FROM store"));
        readers = new ReaderPool(folder.DatabasePath);
        expiry = new ExpiryTimer(
            operation => writer!.EnqueueAsync(operation, CancellationToken.None), options.Clock, options.Logger);
        writer = new LogWriter(database, hub, folder.Path, expiry.NoteExpiry);
        expiry.Start();
    }

    /// <summary>Opens the store in a data folder, and creates what is missing.</summary>
    /// <exception cref="StoreOpenException">The folder is in use, damaged, or of a newer version; the message names
    /// the remedy.</exception>
    public static async Task<SqliteStore> OpenAsync(SqliteStoreOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        return await Task.Run(() => Open(options), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        var revision = state.Revision;
        hub.ReportProgress();
        return ValueTask.FromResult(revision);
    }

    /// <inheritdoc/>
    public async ValueTask<StoreEntry?> GetAsync(string key, long revision, CancellationToken cancellationToken)
    {
        var keyBytes = StoreKey.Encode(key);
        while (true)
        {
            var at = state.Resolve(revision);
            var entry = await ReadAsync(
                static (reader, read) => reader.Get(read.key, read.keyBytes, read.at), (key, keyBytes, at), cancellationToken);
            if (StayedReadable(revision, at))
                return entry;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<StorePage> ListAsync(
        string prefix, string? after, int limit, long revision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        var prefixBytes = StoreKey.EncodePrefix(prefix);
        var afterBytes = after is null ? [] : StoreKey.EncodePrefix(after);
        while (true)
        {
            var at = state.Resolve(revision);
            var page = await ReadAsync(
                static (reader, read) =>
                    reader.List(read.prefixBytes, read.afterBytes, read.limit, read.at, read.cancellationToken),
                (prefixBytes, afterBytes, limit, at, cancellationToken),
                cancellationToken);
            if (StayedReadable(revision, at))
                return page;
        }
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long expectedRevision, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Length, MaxValueBytes);
        if (timeToLive is { } life)
            ArgumentOutOfRangeException.ThrowIfLessThan(life, TimeSpan.Zero, nameof(timeToLive));
        long? expires = timeToLive is null ? null : (options.Clock.GetUtcNow() + timeToLive.Value).ToUnixTimeMilliseconds();
        var operation = new PutOperation(key, StoreKey.Encode(key), value, expectedRevision, expires);
        await writer.EnqueueAsync(operation, cancellationToken);
        return await operation.Completion.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> DeleteAsync(string key, long expectedRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(expectedRevision);
        var operation = new DeleteOperation(key, StoreKey.Encode(key), expectedRevision);
        await writer.EnqueueAsync(operation, cancellationToken);
        return await operation.Completion.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public IAsyncEnumerable<StoreBatch> WatchAsync(string prefix, long afterRevision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(afterRevision);
        ThrowIfDisposed();
        return Watch(prefix, StoreKey.EncodePrefix(prefix), afterRevision, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask CompactAsync(long revision, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(revision);
        if (revision > state.Revision)
            throw new FutureRevisionException(revision, state.Revision);
        if (revision > state.Compacted)
            await RunAsync(new CompactOperation(revision, state), cancellationToken);
        while (await RunAsync(new SweepOperation(state), cancellationToken))
        {
            // One step after the other, so that writes get their turn in between.
        }
    }

    /// <summary>
    /// Copies the store, as of one revision and while it is in use, to a new file (mode 0600). Deleted content that
    /// may still lie in the store's own file is not in the copy.
    /// </summary>
    /// <returns>The copy's revision.</returns>
    /// <exception cref="IOException">The destination exists or cannot be written.</exception>
    /// <exception cref="StoreUnavailableException">The copy could not be made.</exception>
    public Task<long> BackupAsync(string destinationPath, CancellationToken cancellationToken)
    {
        ThrowIfDisposed();
        return BackupFolderAsync(folder.Path, destinationPath, cancellationToken);
    }

    /// <summary>The same for the store in a folder that another process may have open.</summary>
    /// <returns>The copy's revision.</returns>
    /// <exception cref="IOException">The destination exists or cannot be written.</exception>
    /// <exception cref="StoreUnavailableException">The copy could not be made.</exception>
    public static async Task<long> BackupFolderAsync(
        string storeFolder, string destinationPath, CancellationToken cancellationToken)
    {
        try
        {
            return await Task.Run(
                () => Backup.Write(Path.Combine(storeFolder, FileName), destinationPath, cancellationToken), cancellationToken);
        }
        catch (SqliteFault fault)
        {
            throw new StoreUnavailableException($"the backup to {destinationPath} failed: {fault.Message}", fault);
        }
    }

    /// <summary>Ends watches, finishes queued writes and closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        expiry.Dispose();
        hub.End(new ObjectDisposedException(nameof(SqliteStore)));
        hub.Dispose();
        await Task.Run(readers.Dispose);
        await writer.DisposeAsync();
        folder.Dispose();
    }

    private static SqliteStore Open(SqliteStoreOptions options)
    {
        var folder = DataFolder.Take(options.Folder);
        Database? database = null;
        try
        {
            database = Schema.OpenForWriting(folder.DatabasePath, options.WithoutSync);
            Schema.Prepare(database, folder.DatabasePath);
            if (options.CheckIntegrity)
                Schema.CheckIntegrity(database, folder.DatabasePath);
            Schema.RaiseRevision(database, options.MinimumRevision);
            return new SqliteStore(options, folder, database);
        }
        catch (Exception fault)
        {
            database?.Dispose();
            folder.Dispose();
            if (fault is SqliteFault sqlite)
                throw new StoreOpenException(sqlite.ToUnavailable(folder.Path).Message, sqlite);
            throw;
        }
    }

    private async IAsyncEnumerable<StoreBatch> Watch(
        string prefix, byte[] prefixBytes, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reached = afterRevision;
        state.ThrowIfCompacted(reached);
        while (state.Revision - reached > JoinDistance)
        {
            var batch = await HistoryAsync(prefixBytes, reached, state.Revision, cancellationToken);
            reached = batch.Revision;
            if (batch.Events.Count > 0)
                yield return batch;
        }

        using var watcher = hub.Join(prefix, afterRevision);
        while (reached < watcher.Start)
        {
            var batch = await HistoryAsync(prefixBytes, reached, watcher.Start, cancellationToken);
            reached = batch.Revision;
            if (batch.Events.Count > 0)
                yield return batch;
        }
        while (true)
            yield return await watcher.NextAsync(cancellationToken);
    }

    private async ValueTask<StoreBatch> HistoryAsync(
        byte[] prefix, long after, long until, CancellationToken cancellationToken)
    {
        var batch = await ReadAsync(
            static (reader, read) => reader.History(read.prefix, read.after, read.until), (prefix, after, until), cancellationToken);
        state.ThrowIfCompacted(after);
        return batch;
    }

    private async ValueTask<T> ReadAsync<TArgument, T>(
        Func<LogReader, TArgument, T> read, TArgument argument, CancellationToken cancellationToken)
    {
        try
        {
            return await readers.ReadAsync(read, argument, cancellationToken);
        }
        catch (SqliteFault fault)
        {
            throw fault.ToUnavailable(folder.Path);
        }
    }

    private async ValueTask<bool> RunAsync(UpkeepOperation operation, CancellationToken cancellationToken)
    {
        await writer.EnqueueAsync(operation, cancellationToken);
        return await operation.Completion.WaitAsync(cancellationToken);
    }

    // A read of the present that a compaction overtook is made again; one at a revision has come too late.
    private bool StayedReadable(long requested, long at)
    {
        if (requested != 0)
            state.ThrowIfCompacted(at);
        return at >= state.Compacted;
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(disposed != 0, this);
}
