// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>Orders for keys that wait, a line for each namespace; the namespaces are served in turn. Its owner locks.</summary>
/// <param name="longest">How many may wait for one namespace.</param>
/// <param name="most">How many are served at once.</param>
internal sealed class KeyLine(int longest, int most)
{
    private readonly Dictionary<string, LinkedList<KeyMaker.Order>> _waiting = new(StringComparer.Ordinal);
    private readonly Queue<string> _turns = new();
    private int _open;

    /// <summary>False where the namespace's line is full.</summary>
    public bool TryAdd(KeyMaker.Order order)
    {
        if (!_waiting.TryGetValue(order.Certificate.Namespace, out var line))
        {
            _waiting[order.Certificate.Namespace] = line = [];
            _turns.Enqueue(order.Certificate.Namespace);
        }

        if (line.Count >= longest)
            return false;
        line.AddLast(order);
        return true;
    }

    public void Remove(KeyMaker.Order order)
    {
        if (_waiting.TryGetValue(order.Certificate.Namespace, out var line))
            line.Remove(order);
    }

    /// <summary>Whether one more may serve; it does until <see cref="TryTake"/> answers false.</summary>
    public bool TryOpen()
    {
        if (_open >= most)
            return false;
        _open++;
        return true;
    }

    /// <summary>The next order, of the namespace whose turn it is; false where none waits, and then who asked has left.</summary>
    public bool TryTake([NotNullWhen(true)] out KeyMaker.Order? order)
    {
        while (_turns.TryDequeue(out var turn))
        {
            if (_waiting[turn].First is not { } first)
            {
                _waiting.Remove(turn);
                continue;
            }

            _waiting[turn].Remove(first);
            _turns.Enqueue(turn);
            order = first.Value;
            return true;
        }

        _open--;
        order = null;
        return false;
    }
}
