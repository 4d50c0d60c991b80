// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Storage;

namespace Sealock.Api.Caching;

/// <summary>An owner of an object, as garbage collection sees it.</summary>
internal readonly record struct OwnerReference(string Uid, bool BlocksDeletion);

/// <summary>
/// One object in memory: its bytes as they are sent, and beside them what selecting, deleting and collecting must
/// know without reading JSON. Immutable.
/// </summary>
internal sealed class CacheEntry
{
    private KeyValuePair<string, string>[]? fields;

    private CacheEntry(string key, long revision, byte[] item, in MetadataReader metadata)
    {
        Key = key;
        Revision = revision;
        Item = item;
        MetadataLength = metadata.Length;
        Namespace = metadata.Namespace;
        Name = metadata.Name;
        Uid = metadata.Uid;
        DeletionTimestamp = metadata.DeletionTimestamp;
        Labels = metadata.Labels;
        Finalizers = metadata.Finalizers;
        Owners = metadata.Owners;
    }

    private CacheEntry(CacheEntry other, long revision, byte[] item)
    {
        Key = other.Key;
        Revision = revision;
        Item = item;
        MetadataLength = other.MetadataLength + item.Length - other.Item.Length;
        Namespace = other.Namespace;
        Name = other.Name;
        Uid = other.Uid;
        DeletionTimestamp = other.DeletionTimestamp;
        Labels = other.Labels;
        Finalizers = other.Finalizers;
        Owners = other.Owners;
        fields = other.fields;
    }

    /// <summary>The store's key.</summary>
    public string Key { get; }

    /// <summary>The revision that wrote it.</summary>
    public long Revision { get; }

    /// <summary>The object as an item of a list: <c>{"metadata":{"resourceVersion":"…",…},…}</c>.</summary>
    public byte[] Item { get; }

    /// <summary>The metadata object within <see cref="Item"/>.</summary>
    public ReadOnlySpan<byte> Metadata => Item.AsSpan(MetadataOffset, MetadataLength);

    /// <summary>Namespace, or empty.</summary>
    public string Namespace { get; }

    /// <summary>Name.</summary>
    public string Name { get; }

    /// <summary>Uid.</summary>
    public string Uid { get; }

    /// <summary>When its deletion was asked for; null while it may live.</summary>
    public string? DeletionTimestamp { get; }

    /// <summary>Labels.</summary>
    public KeyValuePair<string, string>[] Labels { get; }

    /// <summary>Finalizers.</summary>
    public string[] Finalizers { get; }

    /// <summary>Owners.</summary>
    public OwnerReference[] Owners { get; }

    private static int MetadataOffset => ObjectBytes.Start.Length - 1;

    private int MetadataLength { get; }

    /// <summary>Reads a stored entry.</summary>
    /// <exception cref="JsonException">The value is no object.</exception>
    public static CacheEntry From(StoreEntry entry) => From(entry.Key, entry.Value.Span, entry.Revision);

    /// <summary>Reads stored bytes.</summary>
    /// <exception cref="JsonException">They are no object.</exception>
    public static CacheEntry From(string key, ReadOnlySpan<byte> stored, long revision)
    {
        var item = ObjectBytes.WithVersion(stored, revision);
        return new CacheEntry(key, revision, item, MetadataReader.Read(item.AsSpan(MetadataOffset)));
    }

    /// <summary>The same object at another revision: the last state, as a deletion reports it.</summary>
    public CacheEntry At(long revision) => new(this, revision, ObjectBytes.Revised(Item, revision));

    /// <summary>The values a field selector may ask for.</summary>
    public KeyValuePair<string, string>[] FieldsOf(ResourceDefinition definition)
    {
        if (Volatile.Read(ref fields) is { } known)
            return known;
        List<KeyValuePair<string, string>> values = [new("metadata.name", Name)];
        if (definition.Scope == ResourceScope.Namespaced)
            values.Add(new("metadata.namespace", Namespace));
        if (definition.SelectableFields.Length > 0)
        {
            var @object = Parse();
            foreach (var field in definition.SelectableFields)
                values.Add(new(field.Name, field.Value(@object)));
        }

        KeyValuePair<string, string>[] made = [.. values];
        Volatile.Write(ref fields, made);
        return made;
    }

    /// <summary>A fresh copy without kind and apiVersion, with resourceVersion.</summary>
    public JsonObject Parse() => ObjectBytes.Parse(Item);

    /// <summary>A fresh copy with kind, apiVersion and resourceVersion.</summary>
    public JsonObject Parse(ResourceDefinition definition)
    {
        var @object = Parse();
        @object.Insert(0, "kind", definition.Kind);
        @object.Insert(1, "apiVersion", definition.ApiVersion);
        return @object;
    }
}
