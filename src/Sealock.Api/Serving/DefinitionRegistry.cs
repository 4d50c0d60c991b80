// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;

namespace Sealock.Api.Serving;

/// <summary>All that is served, looked up by address and by kind. Built once.</summary>
internal sealed class DefinitionRegistry : IObjectReader
{
    private readonly FrozenDictionary<(string Group, string Version, string Plural), ServedResource> byAddress;
    private readonly FrozenDictionary<(string Group, string Version, string Kind), ServedResource> byKind;
    private readonly FrozenDictionary<(string Group, string Plural), ServedResource> byResource;
    private readonly FrozenSet<string> groups;

    /// <summary>Takes the definitions in the order in which discovery shows them.</summary>
    /// <exception cref="ArgumentException">Two definitions have the same address.</exception>
    public DefinitionRegistry(IEnumerable<ResourceDefinition> definitions, TimeProvider clock)
    {
        // Versions of one resource share their storage, and so their cache.
        var caches = new Dictionary<string, ResourceCache>();
        Resources = [.. definitions.Select(definition => new ServedResource(definition, CacheFor(definition)))];
        Caches = [.. caches.Values];
        byAddress = Resources.ToFrozenDictionary(
            resource => (resource.Definition.Group, resource.Definition.Version, resource.Definition.Plural));
        byKind = Resources
            .GroupBy(resource => (resource.Definition.Group, resource.Definition.Version, resource.Definition.Kind))
            .ToFrozenDictionary(group => group.Key, group => group.First());
        byResource = Resources
            .GroupBy(resource => (resource.Definition.Group, resource.Definition.Plural))
            .ToFrozenDictionary(group => group.Key, group => group.First());
        groups = Resources.Select(resource => resource.Definition.Group).ToFrozenSet(StringComparer.Ordinal);

        ResourceCache? CacheFor(ResourceDefinition definition)
        {
            if (!definition.Stored)
                return null;
            if (!caches.TryGetValue(definition.KeyPrefix, out var cache))
                caches[definition.KeyPrefix] = cache = new ResourceCache(
                    definition.KeyPrefix, clock, Observer(definition));
            return cache;
        }
    }

    private static Action<CacheEntry, bool>? Observer(ResourceDefinition definition) =>
        definition.Observe is { } observe
        ? (entry, gone) => observe(new ObjectChange(
            definition.Plural, entry.Namespace, entry.Name, gone ? null : entry.Parse(definition)))
        : null;

    /// <summary>Everything, in the order given.</summary>
    public ImmutableArray<ServedResource> Resources { get; }

    /// <summary>The caches of all that is stored.</summary>
    public ImmutableArray<ResourceCache> Caches { get; }

    /// <summary>The resource at an address, or null.</summary>
    public ServedResource? Find(string group, string version, string plural) =>
        byAddress.GetValueOrDefault((group, version, plural));

    /// <summary>The resource of a kind, or null.</summary>
    public ServedResource? FindKind(string group, string version, string kind) =>
        byKind.GetValueOrDefault((group, version, kind));

    /// <summary>Whether anything is served in a group.</summary>
    public bool Serves(string group) => groups.Contains(group);

    /// <inheritdoc/>
    public JsonObject? Find(string group, string plural, string @namespace, string name) =>
        // What is found has a resource.
        FindEntry(group, plural, @namespace, name, out var resource)?.Parse(resource!.Definition);

    /// <summary>The present state of an object in memory, or null.</summary>
    public CacheEntry? FindEntry(
        string group, string plural, string @namespace, string name, out ServedResource? resource) =>
        byResource.TryGetValue((group, plural), out resource) && resource.Definition.Stored
            ? resource.Cache.Find(@namespace, name)
            : null;
}
