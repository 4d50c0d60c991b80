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

    private readonly Queue<Action> _steps = [];
    private bool _ended;

    /// <summary>Starts one for each processor.</summary>
    public HandshakeThreads()
    {
        for (var i = 0; i < Environment.ProcessorCount; i++)
            new Thread(Run) { IsBackground = true, Name = Name }.Start();
    }

    /// <summary>Whether the caller runs on one of them.</summary>
    public static bool IsCurrent => Thread.CurrentThread.Name == Name;

    /// <summary>What follows its <c>await</c> runs on one of the threads.</summary>
    public Turn TakeTurn() => new(this);

    /// <summary>Ends the threads; what is still to be done is done where all else is.</summary>
    public void Dispose()
    {
        lock (_steps)
        {
            _ended = true;
            Monitor.PulseAll(_steps);
        }
    }

    private void Add(Action step)
    {
        lock (_steps)
        {
            if (!_ended)
            {
                _steps.Enqueue(step);
                Monitor.Pulse(_steps);
                return;
            }
        }

        ThreadPool.QueueUserWorkItem(static step => step(), step, preferLocal: false);
    }

    private void Run()
    {
        // Linux takes it for the calling thread alone, from whomever; where it is refused, nothing but the precedence is lost.
        if (OperatingSystem.IsLinux())
            _ = Nice(Nicer);
        while (Next() is { } step)
            step();
    }

    private Action? Next()
    {
        lock (_steps)
        {
            Action? step;
            while (!_steps.TryDequeue(out step) && !_ended)
                Monitor.Wait(_steps);
            return step;
        }
    }

    [DllImport("libc", EntryPoint = "nice")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Nice(int increment);

    /// <summary>Waits for a thread to be free.</summary>
    internal readonly struct Turn(HandshakeThreads threads) : INotifyCompletion
    {
        /// <summary>Never: the thread that asks is another.</summary>
        public bool IsCompleted => false;

        /// <summary>For <c>await</c>.</summary>
        public Turn GetAwaiter() => this;

        /// <summary>For <c>await</c>.</summary>
        public void GetResult()
        {
        }

        /// <inheritdoc/>
        public void OnCompleted(Action continuation) => threads.Add(continuation);
    }
}
