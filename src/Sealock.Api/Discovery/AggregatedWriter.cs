// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Sealock.Api.Definitions;

namespace Sealock.Api.Discovery;

/// <summary>Writes everything that is served in one document (apidiscovery.k8s.io APIGroupDiscoveryList).</summary>
internal static class AggregatedWriter
{
    /// <summary>Writes the members of the list.</summary>
    public static void Write(
        Utf8JsonWriter writer, string version, IEnumerable<IGrouping<string, ResourceDefinition>> groups)
    {
        writer.WriteString("kind"u8, "APIGroupDiscoveryList"u8);
        writer.WriteString("apiVersion"u8, $"apidiscovery.k8s.io/{version}");
        writer.WriteStartObject("metadata"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("items"u8);
        foreach (var group in groups)
            WriteGroup(writer, group);
        writer.WriteEndArray();
    }

    private static void WriteGroup(Utf8JsonWriter writer, IGrouping<string, ResourceDefinition> group)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("metadata"u8);
        if (group.Key.Length > 0)
            writer.WriteString("name"u8, group.Key);
        writer.WriteNull("creationTimestamp"u8);
        writer.WriteEndObject();
        writer.WriteStartArray("versions"u8);
        foreach (var version in group.GroupBy(definition => definition.Version))
        {
            writer.WriteStartObject();
            writer.WriteString("version"u8, version.Key);
            writer.WriteStartArray("resources"u8);
            foreach (var definition in version.OrderBy(definition => definition.Plural, StringComparer.Ordinal))
                WriteResource(writer, definition);
            writer.WriteEndArray();
            writer.WriteString("freshness"u8, "Current"u8);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteResource(Utf8JsonWriter writer, ResourceDefinition definition)
    {
        writer.WriteStartObject();
        writer.WriteString("resource"u8, definition.Plural);
        WriteKind(writer, definition.Group, definition.Version, definition.Kind);
        writer.WriteString("scope"u8, definition.Scope == ResourceScope.Namespaced ? "Namespaced" : "Cluster");
        writer.WriteString("singularResource"u8, definition.Singular);
        ResourceListWriter.WriteTexts(writer, "verbs", definition.Verbs.Order(StringComparer.Ordinal));
        if (definition.ShortNames.Length > 0)
            ResourceListWriter.WriteTexts(writer, "shortNames", definition.ShortNames);
        if (definition.Categories.Length > 0)
            ResourceListWriter.WriteTexts(writer, "categories", definition.Categories);
        if (definition.Subresources.Length > 0)
        {
            writer.WriteStartArray("subresources"u8);
            foreach (var subresource in definition.Subresources.OrderBy(part => part.Name, StringComparer.Ordinal))
                WriteSubresource(writer, definition, subresource);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }

    private static void WriteSubresource(Utf8JsonWriter writer, ResourceDefinition definition, Subresource subresource)
    {
        writer.WriteStartObject();
        writer.WriteString("subresource"u8, subresource.Name);
        if (subresource.Kind is null)
        {
            WriteKind(writer, definition.Group, definition.Version, definition.Kind);
        }
        else
        {
            WriteKind(
                writer,
                subresource.Group ?? definition.Group,
                subresource.Version ?? definition.Version,
                subresource.Kind);
        }

        ResourceListWriter.WriteTexts(writer, "verbs", subresource.Verbs.Order(StringComparer.Ordinal));
        writer.WriteEndObject();
    }

    private static void WriteKind(Utf8JsonWriter writer, string group, string version, string kind)
    {
        writer.WriteStartObject("responseKind"u8);
        writer.WriteString("group"u8, group);
        writer.WriteString("version"u8, version);
        writer.WriteString("kind"u8, kind);
        writer.WriteEndObject();
    }
}
