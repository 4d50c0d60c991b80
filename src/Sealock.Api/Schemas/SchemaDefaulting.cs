// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Api.Schemas;

/// <summary>Fills in the defaults that a schema names, wherever the object that lacks them exists.</summary>
public static class SchemaDefaulting
{
    /// <summary>Adds defaults in place. Doing so again changes nothing.</summary>
    public static void Apply(JsonObject value, SchemaNode schema) => Visit(value, schema);

    private static void Visit(JsonNode? value, SchemaNode schema)
    {
        if (!schema.HasDefaults)
            return;
        switch (value)
        {
            case JsonObject map when schema.Type == SchemaType.Map:
                foreach (var (_, entry) in map)
                    Visit(entry, schema.Values!);
                break;
            case JsonObject o:
                foreach (var field in schema.Fields.Values)
                {
                    if (field.Default is not null && !o.ContainsKey(field.Name))
                        o[field.Name] = JsonNode.Parse(field.Default);
                    if (field.Schema.HasDefaults && o.TryGetPropertyValue(field.Name, out var child))
                        Visit(child, field.Schema);
                }

                break;
            case JsonArray list when schema.Items is { } items:
                foreach (var item in list)
                    Visit(item, items);
                break;
        }
    }
}
