// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;

namespace Sealock.Api.Storage.Sqlite;

/// <summary>A bounded number of reading connections, opened when first needed.</summary>
internal sealed class ReaderPool(string path) : IDisposable
{
    private static readonly int Size = Math.Clamp(Environment.ProcessorCount * 2, 4, 16);

    private readonly SemaphoreSlim free = new(Size);
    private readonly ConcurrentBag<LogReader> idle = [];
    private volatile bool disposed;

    /// <summary>Runs a read on a connection of its own.</summary>
    /// <exception cref="SqliteFault">SQLite reports an error.</exception>
    public async ValueTask<T> ReadAsync<TArgument, T>(
        Func<LogReader, TArgument, T> read, TArgument argument, CancellationToken cancellationToken)
    {
        await free.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(SqliteStore));
            if (!idle.TryTake(out var reader))
                reader = new LogReader(path);
            try
            {
                var result = read(reader, argument);
                idle.Add(reader);
                reader = null;
                return result;
            }
            catch (OperationCanceledException)
            {
                idle.Add(reader!); // it is null only after a result
                reader = null;
                throw;
            }
            finally
            {
                // A connection that failed is not used again.
                reader?.Dispose();
            }
        }
        finally
        {
            free.Release();
        }
    }

    /// <summary>Closes the connections, after the reads that are under way.</summary>
    public void Dispose()
    {
        disposed = true;
        for (var i = 0; i < Size; i++)
            free.Wait();
        while (idle.TryTake(out var reader))
            reader.Dispose();
        free.Release(Size);
    }
}
