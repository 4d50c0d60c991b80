// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Reconciling;

/// <summary>Looks at one object and puts right what is wrong with it. Called again until it succeeds.</summary>
public delegate ValueTask<Reconciliation> Reconcile(ObjectKey key, CancellationToken cancellationToken);

/// <summary>
/// One reconcile loop: a queue of object names and workers that look at them. What to do is decided by the function
/// it is given; when to do it again after failures, and that it never happens twice at once for one object, is
/// decided here.
/// </summary>
public sealed partial class ControlLoop : IDisposable
{
    private readonly Reconcile _reconcile;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly WorkQueue<ObjectKey> _queue;

    /// <summary>A loop that is not yet running; objects may be added to it already.</summary>
    public ControlLoop(string name, Reconcile reconcile, TimeProvider time, ILogger logger, Backoff? backoff = null)
    {
        Name = name;
        _reconcile = reconcile;
        _time = time;
        _logger = logger;
        _queue = new WorkQueue<ObjectKey>(time, backoff ?? new Backoff());
        Metrics = new LoopMetrics(name) { Depth = () => _queue.Depth };
    }

    /// <summary>Name in logs and metrics.</summary>
    public string Name { get; }

    /// <summary>How many objects are looked at concurrently.</summary>
    public int Workers { get; init; } = 2;

    /// <summary>What it has done so far.</summary>
    public LoopMetrics Metrics { get; }

    /// <summary>Objects that wait for a look.</summary>
    public int Depth => _queue.Depth;

    /// <summary>Asks for a look at an object.</summary>
    public void Look(ObjectKey key) => _queue.Add(key);

    /// <summary>Asks for a look at an object after a while.</summary>
    public void LookAfter(ObjectKey key, TimeSpan delay) => _queue.AddAfter(key, delay);

    /// <summary>
    /// Works until it is cancelled. Looks that have begun are given <paramref name="cancellationToken"/> and are
    /// waited for.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var closing = cancellationToken.Register(_queue.Close);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => WorkAsync(cancellationToken)));
    }

    /// <inheritdoc/>
    public void Dispose() => _queue.Dispose();

    private async Task WorkAsync(CancellationToken cancellationToken)
    {
        // Workers must not run in turn on the caller's thread while their reconciles complete synchronously.
        await Task.Yield();
        try
        {
            while (await _queue.TakeAsync(cancellationToken) is (true, var key))
            {
                try
                {
                    await LookNowAsync(key, cancellationToken);
                }
                finally
                {
                    _queue.Done(key);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async ValueTask LookNowAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var begin = _time.GetTimestamp();
        try
        {
            var result = await _reconcile(key, cancellationToken);
            if (result.Retry is { } why)
            {
                var rest = _queue.AddAfterFailure(key);
                Metrics.Retry(_time.GetElapsedTime(begin));
                LogRetry(_logger, Name, key, why, rest);
                return;
            }

            _queue.Forget(key);
            if (result.LookAgainAfter is { } delay)
                _queue.AddAfter(key, delay);
            Metrics.Success(_time.GetElapsedTime(begin));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (ApiException conflict) when (conflict.Code == 409)
        {
            var rest = _queue.AddAfterFailure(key);
            Metrics.Retry(_time.GetElapsedTime(begin));
            LogRetry(_logger, Name, key, conflict.Message, rest);
        }
#pragma warning disable CA1031 // One object's fault, whatever it is, must not end the loop for all others.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            var rest = _queue.AddAfterFailure(key);
            Metrics.Failure(_time.GetElapsedTime(begin));
            if (TransportFault.IsOrdinary(fault))
            {
                LogRefusal(_logger, Name, key, rest, TransportFault.Tell(fault));
                LogTrace(_logger, fault, Name, key);
            }
            else
            {
                // Ours: where it is must be seen.
                LogFailure(_logger, fault, Name, key, rest);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Loop}: {Key} is tried again in {Delay}: {Why}")]
    private static partial void LogRetry(ILogger logger, string loop, ObjectKey key, string why, TimeSpan delay);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Loop}: {Key} failed and is tried again in {Delay}: {Why}")]
    private static partial void LogRefusal(ILogger logger, string loop, ObjectKey key, TimeSpan delay, string why);

    [LoggerMessage(Level = LogLevel.Debug, Message = "{Loop}: {Key} failed")]
    private static partial void LogTrace(ILogger logger, Exception fault, string loop, ObjectKey key);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Loop}: {Key} failed and is tried again in {Delay}")]
    private static partial void LogFailure(ILogger logger, Exception fault, string loop, ObjectKey key, TimeSpan delay);
}
