// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Reconciling;

/// <summary>The names of objects by something they have in common, within a namespace; kept up by an informer's changes.</summary>
internal sealed class NameIndex<T>
    where T : class, IObjectView
{
    private readonly Func<T, string?> _keyOf;
    private readonly ConcurrentDictionary<(string Namespace, string Key), ImmutableArray<string>> _names = new();

    /// <param name="keyOf">What is looked for; null or empty: the object is not in the index.</param>
    /// <param name="informer">Whose objects are indexed.</param>
    public NameIndex(Func<T, string?> keyOf, Informer<T> informer)
    {
        _keyOf = keyOf;
        informer.OnChange(change =>
        {
            var key = change.New is { } now ? keyOf(now) : null;
            if (change.Old is { } old && keyOf(old) is { Length: > 0 } before && before != key)
                Remove(old.Metadata, before);
            if (change.New is { } present)
                Add(present);
        });
    }

    /// <summary>The names of a namespace's objects that have something.</summary>
    public ImmutableArray<string> Find(string @namespace, string key) => _names.GetValueOrDefault((@namespace, key), []);

    /// <summary>Takes an object in, before the informer has seen it.</summary>
    public void Add(T @object)
    {
        if (_keyOf(@object) is { Length: > 0 } key)
        {
            _names.AddOrUpdate(
                (@object.Metadata.Namespace, key), static (_, name) => [name],
                static (_, names, name) => names.Contains(name, StringComparer.Ordinal) ? names : names.Add(name), @object.Metadata.Name);
        }
    }

    private void Remove(ObjectMetaView metadata, string key)
    {
        var at = (metadata.Namespace, key);
        while (_names.TryGetValue(at, out var names))
        {
            var fewer = names.Remove(metadata.Name, StringComparer.Ordinal);
            if (fewer.IsEmpty ? _names.TryRemove(KeyValuePair.Create(at, names)) : _names.TryUpdate(at, fewer, names))
                return;
        }
    }
}
