// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Sealock.Api.Tables;

namespace Sealock.Controllers.Definitions;

/// <summary>
/// Columns that a server of our own and a CustomResourceDefinition show alike: what stands at a JSONPath, and nothing
/// where there is nothing.
/// </summary>
internal static class PrinterColumns
{
    /// <summary>The time since the object's creation.</summary>
    public static Column Age { get; } = Cells.Age with { Type = "date", JsonPath = ".metadata.creationTimestamp" };

    /// <summary>A field, by its path (<c>spec.secretName</c>).</summary>
    public static Column Field(string name, string path, string description, int priority = 0)
    {
        var steps = path.Split('.');
        return Of(name, "." + path, description, priority, item => Cells.Find(item, steps));
    }

    /// <summary>A field of the status condition of a type.</summary>
    public static Column Condition(string name, string type, string field, string description, int priority = 0) => Of(
        name, $".status.conditions[?(@.type == \"{type}\")].{field}", description, priority,
        item => Cells.List(item, "status", "conditions")
            .Where(condition => Cells.Text(condition, "type") == type)
            .Select(condition => Cells.Find(condition, field)).FirstOrDefault());

    private static Column Of(
        string name, string jsonPath, string description, int priority, Func<JsonElement, JsonElement> find) => new()
        {
            Name = name,
            Description = description,
            Priority = priority,
            JsonPath = jsonPath,
            Cell = (writer, item, _) =>
            {
                if (find(item) is { ValueKind: JsonValueKind.String } text)
                    writer.WriteStringValue(text.GetString());
                else
                    writer.WriteNullValue();
            },
        };
}
