// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;

namespace Sealock.Controllers.Reconciling;

/// <summary>
/// An informer's objects, and over them what this process has just written and the informer has not yet seen: so that a loop that
/// comes back at once does not decide on what it has itself overtaken.
/// </summary>
internal sealed class Freshest<T>
    where T : class, IObjectView
{
    private readonly Informer<T> _informer;
    private readonly ConcurrentDictionary<string, (T? Object, ulong Version)> _written = new(StringComparer.Ordinal);

    public Freshest(Informer<T> informer)
    {
        _informer = informer;
        informer.OnChange(change =>
        {
            var seen = (change.New ?? change.Old)!.Metadata;
            // Whatever cannot be compared is taken to be newer: the informer is right in the end.
            if (_written.TryGetValue(seen.Key, out var ours) && VersionOf(seen) is var version && (version == 0 || version >= ours.Version))
                _written.TryRemove(KeyValuePair.Create(seen.Key, ours));
        });
    }

    /// <summary>The latest state that is known; null where there is no such object.</summary>
    public T? Find(string @namespace, string name) =>
        _written.TryGetValue(@namespace.Length == 0 ? name : $"{@namespace}/{name}", out var ours)
            ? ours.Object : _informer.Find(@namespace, name);

    /// <summary>Takes note of what the server answered to a write.</summary>
    public T Wrote(T @object)
    {
        var version = VersionOf(@object.Metadata);
        if (version == 0)
            return @object;
        _written[@object.Metadata.Key] = (@object, version);
        // The informer may have been quicker.
        if (_informer.Find(@object.Metadata.Namespace, @object.Metadata.Name) is { } seen && VersionOf(seen.Metadata) >= version)
            _written.TryRemove(@object.Metadata.Key, out _);
        return @object;
    }

    /// <summary>Takes note that an object was deleted as it was seen.</summary>
    public void Deleted(T last)
    {
        var (key, metadata) = (last.Metadata.Key, last.Metadata);
        if (_written.ContainsKey(key) || _informer.Find(metadata.Namespace, metadata.Name)?.Metadata.Uid == metadata.Uid)
            _written[key] = (null, VersionOf(metadata) + 1);
    }

    private static ulong VersionOf(ObjectMetaView metadata) =>
        ulong.TryParse(metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : 0;
}
