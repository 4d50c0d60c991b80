// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Sealock.Api.Definitions;

namespace Sealock.Api.Discovery;

/// <summary>Writes the resources of one group and version (meta/v1 APIResourceList).</summary>
internal static class ResourceListWriter
{
    /// <summary>Writes the members of the list.</summary>
    public static void Write(Utf8JsonWriter writer, IReadOnlyList<ResourceDefinition> definitions)
    {
        writer.WriteString("kind"u8, "APIResourceList"u8);
        if (definitions[0].Group.Length > 0)
            writer.WriteString("apiVersion"u8, "v1"u8);
        writer.WriteString("groupVersion"u8, definitions[0].ApiVersion);
        writer.WriteStartArray("resources"u8);
        foreach (var definition in definitions.OrderBy(definition => definition.Plural, StringComparer.Ordinal))
        {
            WriteResource(writer, definition);
            foreach (var subresource in definition.Subresources.OrderBy(part => part.Name, StringComparer.Ordinal))
                WriteSubresource(writer, definition, subresource);
        }

        writer.WriteEndArray();
    }

    private static void WriteResource(Utf8JsonWriter writer, ResourceDefinition definition)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, definition.Plural);
        writer.WriteString("singularName"u8, definition.Singular);
        writer.WriteBoolean("namespaced"u8, definition.Scope == ResourceScope.Namespaced);
        writer.WriteString("kind"u8, definition.Kind);
        WriteTexts(writer, "verbs", definition.Verbs.Order(StringComparer.Ordinal));
        if (definition.ShortNames.Length > 0)
            WriteTexts(writer, "shortNames", definition.ShortNames);
        if (definition.Categories.Length > 0)
            WriteTexts(writer, "categories", definition.Categories);
        writer.WriteEndObject();
    }

    private static void WriteSubresource(Utf8JsonWriter writer, ResourceDefinition definition, Subresource subresource)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, $"{definition.Plural}/{subresource.Name}");
        writer.WriteString("singularName"u8, ""u8);
        writer.WriteBoolean("namespaced"u8, definition.Scope == ResourceScope.Namespaced);
        if (subresource.Kind is not null)
        {
            writer.WriteString("group"u8, subresource.Group ?? definition.Group);
            writer.WriteString("version"u8, subresource.Version ?? definition.Version);
        }

        writer.WriteString("kind"u8, subresource.Kind ?? definition.Kind);
        WriteTexts(writer, "verbs", subresource.Verbs.Order(StringComparer.Ordinal));
        writer.WriteEndObject();
    }

    internal static void WriteTexts(Utf8JsonWriter writer, string name, IEnumerable<string> texts)
    {
        writer.WriteStartArray(name);
        foreach (var text in texts)
            writer.WriteStringValue(text);
        writer.WriteEndArray();
    }
}
