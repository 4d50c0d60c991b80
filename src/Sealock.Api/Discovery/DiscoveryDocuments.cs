// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using Sealock.Api.Definitions;

namespace Sealock.Api.Discovery;

/// <summary>A document that does not change while the server runs.</summary>
internal sealed record DiscoveryDocument(ReadOnlyMemory<byte> Body)
{
    /// <summary>Entity tag.</summary>
    public string ETag { get; } = $"\"{Convert.ToHexString(SHA256.HashData(Body.Span))}\"";
}

/// <summary>What is served, as clients ask for it: by group and version, or all at once.</summary>
internal sealed class DiscoveryDocuments
{
    private readonly Dictionary<string, DiscoveryDocument> byPath = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Path, string Version), DiscoveryDocument> aggregated = [];

    public DiscoveryDocuments(IReadOnlyList<ResourceDefinition> definitions, IReadOnlyList<string> otherPaths)
    {
        var groups = definitions.GroupBy(definition => definition.Group).ToList();
        var named = groups.Where(group => group.Key.Length > 0).ToList();
        Add("/api", writer => WriteCoreVersions(writer, groups.FirstOrDefault(group => group.Key.Length == 0)));
        Add("/apis", writer => WriteGroups(writer, named));
        foreach (var group in named)
            Add($"/apis/{group.Key}", writer => WriteGroup(writer, group, alone: true));
        foreach (var version in definitions.GroupBy(RootOf))
            Add(version.Key, writer => ResourceListWriter.Write(writer, [.. version]));
        foreach (var version in (string[])["v2", "v2beta1"])
        {
            aggregated[("/api", version)] = Make(
                writer => AggregatedWriter.Write(writer, version, groups.Where(group => group.Key.Length == 0)));
            aggregated[("/apis", version)] = Make(writer => AggregatedWriter.Write(writer, version, named));
        }

        string[] paths = [.. byPath.Keys.Concat(otherPaths).Order(StringComparer.Ordinal)];
        Add("/", writer => WriteIndex(writer, paths));
    }

    /// <summary>The document at a path without trailing slash, or null.</summary>
    public DiscoveryDocument? Find(string path) => byPath.GetValueOrDefault(path);

    /// <summary>The aggregated form of a document, or null.</summary>
    public DiscoveryDocument? FindAggregated(string path, string version) =>
        aggregated.GetValueOrDefault((path, version));

    internal static string RootOf(ResourceDefinition definition) =>
        definition.Group.Length == 0 ? $"/api/{definition.Version}" : $"/apis/{definition.Group}/{definition.Version}";

    private void Add(string path, Action<Utf8JsonWriter> write) => byPath[path] = Make(write);

    private static DiscoveryDocument Make(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(output))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        return new DiscoveryDocument(output.WrittenMemory);
    }

    private static void WriteCoreVersions(Utf8JsonWriter writer, IEnumerable<ResourceDefinition>? core)
    {
        writer.WriteString("kind"u8, "APIVersions"u8);
        writer.WriteStartArray("versions"u8);
        foreach (var version in (core ?? []).Select(definition => definition.Version).Distinct())
            writer.WriteStringValue(version);
        writer.WriteEndArray();
        writer.WriteStartArray("serverAddressByClientCIDRs"u8);
        writer.WriteEndArray();
    }

    private static void WriteGroups(Utf8JsonWriter writer, List<IGrouping<string, ResourceDefinition>> groups)
    {
        writer.WriteString("kind"u8, "APIGroupList"u8);
        writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteStartArray("groups"u8);
        foreach (var group in groups)
        {
            writer.WriteStartObject();
            WriteGroup(writer, group, alone: false);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteGroup(Utf8JsonWriter writer, IGrouping<string, ResourceDefinition> group, bool alone)
    {
        if (alone)
        {
            writer.WriteString("kind"u8, "APIGroup"u8);
            writer.WriteString("apiVersion"u8, "v1"u8);
        }

        var versions = group.Select(definition => definition.Version).Distinct().ToList();
        writer.WriteString("name"u8, group.Key);
        writer.WriteStartArray("versions"u8);
        foreach (var version in versions)
            WriteVersion(version);
        writer.WriteEndArray();
        writer.WritePropertyName("preferredVersion"u8);
        WriteVersion(versions[0]);

        void WriteVersion(string version)
        {
            writer.WriteStartObject();
            writer.WriteString("groupVersion"u8, $"{group.Key}/{version}");
            writer.WriteString("version"u8, version);
            writer.WriteEndObject();
        }
    }

    private static void WriteIndex(Utf8JsonWriter writer, string[] paths)
    {
        writer.WriteStartArray("paths"u8);
        foreach (var path in paths)
            writer.WriteStringValue(path);
        writer.WriteEndArray();
    }
}
