// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Storage;

namespace Sealock.Hosting;

/// <summary>Compacts the store every five minutes to where it stood five minutes before, as kube-apiserver does with etcd.</summary>
internal sealed partial class StoreUpkeep : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);

    private readonly CancellationTokenSource _stop = new();
    private readonly ILogger _logger;
    private Task _run = Task.CompletedTask;

    private StoreUpkeep(ILogger logger) => _logger = logger;

    public static StoreUpkeep Start(IStore store, TimeProvider clock, ILogger logger)
    {
        var upkeep = new StoreUpkeep(logger);
        upkeep._run = Task.Run(() => upkeep.RunAsync(store, clock));
        return upkeep;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    private async Task RunAsync(IStore store, TimeProvider clock)
    {
        long? before = null;
        using var timer = new PeriodicTimer(Interval, clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                try
                {
                    if (before is { } revision)
                        await store.CompactAsync(revision, _stop.Token);
                    before = await store.GetRevisionAsync(_stop.Token);
                }
                catch (Exception fault) when (fault is not OperationCanceledException)
                {
                    LogFailed(fault.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the store could not be compacted and will be tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
