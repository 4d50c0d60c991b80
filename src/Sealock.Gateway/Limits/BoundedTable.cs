// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Sealock.Gateway.Limits;

/// <summary>
/// What is known by keys that strangers choose: never more than a fixed number of entries, of which the one that was
/// asked for longest ago goes first.
/// </summary>
internal sealed class BoundedTable<TKey, TValue>(int capacity, IEqualityComparer<TKey>? comparer = null)
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _entries = new(comparer);
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = new();

    /// <summary>How many entries there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _entries.Count;
        }
    }

    /// <summary>The value of a key, which counts as a use.</summary>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TValue value)
    {
        lock (_gate)
        {
            if (!_entries.TryGetValue(key, out var node))
            {
                value = default;
                return false;
            }

            Use(node);
            value = node.Value.Value;
            return true;
        }
    }

    /// <summary>The value of a key, made where there is none.</summary>
    public TValue GetOrAdd(TKey key, Func<TKey, TValue> make)
    {
        lock (_gate)
        {
            if (_entries.TryGetValue(key, out var node))
                Use(node);
            else
                node = Add(key, make(key));
            return node.Value.Value;
        }
    }

    /// <summary>Sets the value of a key.</summary>
    public void Set(TKey key, TValue value)
    {
        lock (_gate)
        {
            if (_entries.Remove(key, out var old))
                _byUse.Remove(old);
            Add(key, value);
        }
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _entries.Clear();
            _byUse.Clear();
        }
    }

    private LinkedListNode<(TKey Key, TValue Value)> Add(TKey key, TValue value)
    {
        if (_entries.Count >= capacity && _byUse.Last is { } oldest)
        {
            _byUse.RemoveLast();
            _entries.Remove(oldest.Value.Key);
        }

        return _entries[key] = _byUse.AddFirst((key, value));
    }

    private void Use(LinkedListNode<(TKey Key, TValue Value)> node)
    {
        if (_byUse.First == node)
            return;
        _byUse.Remove(node);
        _byUse.AddFirst(node);
    }
}
