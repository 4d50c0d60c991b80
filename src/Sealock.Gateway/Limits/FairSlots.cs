// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Limits;

/// <summary>
/// A bounded number of slots, for which clients wait in turn: each has a line of its own, and whoever has a thousand waiting
/// delays another client by one.
/// </summary>
internal sealed class FairSlots<TKey>(int slots)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Queue<TaskCompletionSource>> _lines = [];
    private readonly Queue<TKey> _turns = new();
    private int _free = slots;

    /// <summary>How many wait; those among them count that have just given up.</summary>
    public int Waiting
    {
        get
        {
            lock (_gate)
                return _lines.Values.Sum(line => line.Count);
        }
    }

    /// <summary>Takes a slot if one is free; it has to be given back by <see cref="Release"/>.</summary>
    public bool TryTake()
    {
        lock (_gate)
        {
            if (_free == 0)
                return false;
            _free--;
            return true;
        }
    }

    /// <summary>Takes a slot, waiting for one where there is none; it has to be given back by <see cref="Release"/>.</summary>
    /// <exception cref="OperationCanceledException">The wait was called off: no slot was taken.</exception>
    public async Task WaitAsync(TKey client, CancellationToken cancellationToken)
    {
        var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_free > 0)
            {
                _free--;
                return;
            }

            if (!_lines.TryGetValue(client, out var line))
            {
                _lines.Add(client, line = new Queue<TaskCompletionSource>());
                _turns.Enqueue(client);
            }

            line.Enqueue(waiter);
        }

        await using var called = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), waiter);
        await waiter.Task;
    }

    /// <summary>Gives a slot back: to the first of the line whose turn it is, if anybody waits.</summary>
    public void Release()
    {
        lock (_gate)
        {
            while (_turns.TryDequeue(out var client))
            {
                var line = _lines[client];
                var waiter = line.Dequeue();
                if (line.Count > 0)
                    _turns.Enqueue(client);
                else
                    _lines.Remove(client);
                // One that has been called off passes its turn on.
                if (waiter.TrySetResult())
                    return;
            }

            _free++;
        }
    }
}
