// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;

namespace Sealock.Controllers.Reconciling;

/// <summary>
/// Keys that need a look. A key stands in it at most once however often it is added, is handed to one worker at a
/// time, and when added while it is being worked on comes again afterwards, so that no change is lost. Every key has
/// a delay of its own after failures; a bad one holds up no other.
/// </summary>
/// <typeparam name="TKey">What names the work; compared by value.</typeparam>
public sealed class WorkQueue<TKey> : IDisposable
    where TKey : notnull
{
    /// <summary>A timer takes 49 days at most; what is due later sets it again.</summary>
    private static readonly TimeSpan LongestTimer = TimeSpan.FromDays(30);

    private readonly Lock _gate = new();
    private readonly Channel<TKey> _ready = Channel.CreateUnbounded<TKey>();
    private readonly HashSet<TKey> _waiting = [];
    private readonly HashSet<TKey> _working = [];
    private readonly HashSet<TKey> _again = [];
    private readonly Dictionary<TKey, int> _failures = [];
    private readonly Dictionary<TKey, DateTimeOffset> _due = [];
    private readonly PriorityQueue<TKey, DateTimeOffset> _delayed = new();
    private readonly TimeProvider _time;
    private readonly Backoff _backoff;
    private readonly Func<double> _chance;
    private readonly ITimer _timer;
    private bool _closed;

    /// <summary>An empty queue; <paramref name="chance"/> answers numbers in [0, 1), null uses the shared generator.</summary>
    public WorkQueue(TimeProvider time, Backoff backoff, Func<double>? chance = null)
    {
        _time = time;
        _backoff = backoff;
        _chance = chance ?? Random.Shared.NextDouble;
        _timer = time.CreateTimer(_ => ReleaseDue(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Keys that are ready, without those in work and those resting.</summary>
    public int Depth
    {
        get
        {
            lock (_gate)
                return _waiting.Count;
        }
    }

    /// <summary>Keys that rest until their time comes.</summary>
    public int Resting
    {
        get
        {
            lock (_gate)
                return _due.Count;
        }
    }

    /// <summary>Asks for a look at a key as soon as possible.</summary>
    public void Add(TKey key)
    {
        lock (_gate)
            AddReady(key);
    }

    /// <summary>Asks for a look after a while; where several were asked for, the earliest counts.</summary>
    public void AddAfter(TKey key, TimeSpan delay)
    {
        lock (_gate)
        {
            if (delay <= TimeSpan.Zero)
            {
                AddReady(key);
                return;
            }

            var due = _time.GetUtcNow() + delay;
            if (_closed || (_due.TryGetValue(key, out var earlier) && earlier <= due))
                return;
            _due[key] = due;
            _delayed.Enqueue(key, due);
            SetTimer();
        }
    }

    /// <summary>Asks for another look after a failure, later each time. Answers the delay.</summary>
    public TimeSpan AddAfterFailure(TKey key)
    {
        lock (_gate)
        {
            var failures = _failures.GetValueOrDefault(key) + 1;
            _failures[key] = failures;
            var delay = _backoff.After(failures, _chance());
            AddAfter(key, delay);
            return delay;
        }
    }

    /// <summary>Failures of a key since it last succeeded.</summary>
    public int FailuresOf(TKey key)
    {
        lock (_gate)
            return _failures.GetValueOrDefault(key);
    }

    /// <summary>A key succeeded: its next failure is the first one again.</summary>
    public void Forget(TKey key)
    {
        lock (_gate)
            _failures.Remove(key);
    }

    /// <summary>
    /// The next key; the caller owns it until <see cref="Done"/>. Answers false when the queue is closed and empty.
    /// </summary>
    public async ValueTask<(bool Found, TKey? Key)> TakeAsync(CancellationToken cancellationToken)
    {
        while (await _ready.Reader.WaitToReadAsync(cancellationToken))
        {
            lock (_gate)
            {
                if (_ready.Reader.TryRead(out var key))
                {
                    _waiting.Remove(key);
                    _working.Add(key);
                    return (true, key);
                }
            }
        }

        return (false, default);
    }

    /// <summary>Gives a key back. If it was added meanwhile it is ready again.</summary>
    public void Done(TKey key)
    {
        lock (_gate)
        {
            _working.Remove(key);
            if (_again.Remove(key))
                AddReady(key);
        }
    }

    /// <summary>Takes no more keys; those that are ready are still handed out, those that rest are dropped.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            _due.Clear();
            _delayed.Clear();
            _ready.Writer.TryComplete();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Close();
        _timer.Dispose();
    }

    private void AddReady(TKey key)
    {
        if (_closed)
            return;
        if (_working.Contains(key))
            _again.Add(key);
        else if (_waiting.Add(key))
            _ready.Writer.TryWrite(key);
    }

    private void ReleaseDue()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            var now = _time.GetUtcNow();
            while (TryPeekDelayed(out var key, out var due) && due <= now)
            {
                _delayed.Dequeue();
                _due.Remove(key);
                AddReady(key);
            }

            SetTimer();
        }
    }

    private void SetTimer()
    {
        if (!TryPeekDelayed(out _, out var due))
            return;
        var wait = due - _time.GetUtcNow();
        _timer.Change(wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < LongestTimer ? wait : LongestTimer, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The earliest entry that still counts: one that an earlier request overtook is thrown away.</summary>
    private bool TryPeekDelayed([MaybeNullWhen(false)] out TKey key, out DateTimeOffset due)
    {
        while (_delayed.TryPeek(out key, out due))
        {
            if (_due.TryGetValue(key, out var current) && current == due)
                return true;
            _delayed.Dequeue();
        }

        return false;
    }
}
