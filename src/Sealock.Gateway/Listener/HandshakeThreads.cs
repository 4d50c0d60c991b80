// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Threads on which handshakes are computed, at a lower priority than those that answer requests. A full handshake takes about a
/// millisecond of a processor: whoever comes, the requests of those who are there go first.
/// </summary>
internal sealed class HandshakeThreads : IDisposable
{
    /// <summary>The name of each thread.</summary>
    public const string Name = "handshakes";

    /// <summary>How much nicer they are than the rest of the process: of a busy processor they still get a fourth (sched(7)).</summary>
    public const int Nicer = 5;

    private readonly Steps _turns = new();
    private readonly Steps _leaves = new();

    /// <summary>Starts one for each processor, and one of common priority by which they are left.</summary>
    public HandshakeThreads()
    {
        for (var i = 0; i < Environment.ProcessorCount; i++)
            new Thread(RunTurns) { IsBackground = true, Name = Name }.Start();
        new Thread(RunLeaves) { IsBackground = true, Name = "from handshakes" }.Start();
    }

    /// <summary>Whether the caller runs on one of them.</summary>
    public static bool IsCurrent => Thread.CurrentThread.Name == Name;

    /// <summary>What follows its <c>await</c> runs on one of the threads.</summary>
    public Move TakeTurn() => new(_turns, there: true);

    /// <summary>
    /// What follows its <c>await</c> runs on the thread pool. A turn is to be left so before anything is given to the pool: it may
    /// start a thread for it, which is as nice for ever as the one that started it.
    /// </summary>
    public Move Leave() => new(_leaves, there: false);

    /// <summary>Ends the threads; what is still to be done is done where all else is.</summary>
    public void Dispose()
    {
        _turns.End();
        _leaves.End();
    }

    private void RunTurns()
    {
        // Linux takes it for the calling thread alone, from whomever; where it is refused, nothing but the precedence is lost.
        if (OperatingSystem.IsLinux())
            _ = Nice(Nicer);
        while (_turns.Next() is { } step)
            step();
    }

    private void RunLeaves()
    {
        while (_leaves.Next() is { } step)
            Pool(step);
    }

    private static void Pool(Action step) => ThreadPool.QueueUserWorkItem(static step => step(), step, preferLocal: false);

    [DllImport("libc", EntryPoint = "nice")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Nice(int increment);

    /// <summary>Goes to the threads, or from them; where the caller is there already, it goes on at once.</summary>
    internal readonly struct Move(Steps steps, bool there) : INotifyCompletion
    {
        /// <summary>Whether the caller is there.</summary>
        public bool IsCompleted => IsCurrent == there;

        /// <summary>For <c>await</c>.</summary>
        public Move GetAwaiter() => this;

        /// <summary>For <c>await</c>.</summary>
        public void GetResult()
        {
        }

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => steps.Add(continuation);
    }

    /// <summary>What waits for a thread, in its order.</summary>
    internal sealed class Steps
    {
        private readonly Queue<Action> _waiting = [];
        private bool _ended;

        /// <summary>Adds one; after the end it is done by the thread pool.</summary>
        public void Add(Action step)
        {
            lock (_waiting)
            {
                if (!_ended)
                {
                    _waiting.Enqueue(step);
                    Monitor.Pulse(_waiting);
                    return;
                }
            }

            Pool(step);
        }

        /// <summary>Waits for the next; null at the end, when there is none left.</summary>
        public Action? Next()
        {
            lock (_waiting)
            {
                Action? step;
                while (!_waiting.TryDequeue(out step) && !_ended)
                    Monitor.Wait(_waiting);
                return step;
            }
        }

        /// <summary>No more come.</summary>
        public void End()
        {
            lock (_waiting)
            {
                _ended = true;
                Monitor.PulseAll(_waiting);
            }
        }
    }
}
