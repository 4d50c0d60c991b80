// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;

namespace Sealock.Api.Tables;

/// <summary>Makes columns, and reads what their cells show out of objects.</summary>
public static class Cells
{
    /// <summary>The object's name, as the column that identifies the row.</summary>
    public static Column Name { get; } = new()
    {
        Name = "Name",
        Format = "name",
        Description = "The object's name, unique within its namespace.",
        Cell = (writer, item, _) => writer.WriteStringValue(Text(item, "metadata", "name")),
    };

    /// <summary>The time since the object's creation.</summary>
    public static Column Age { get; } = new()
    {
        Name = "Age",
        Description = "The time since the object was created.",
        Cell = (writer, item, now) =>
            writer.WriteStringValue(HumanDuration.Since(Text(item, "metadata", "creationTimestamp"), now)),
    };

    /// <summary>The moment of the object's creation; for kinds without columns of their own.</summary>
    public static Column CreatedAt { get; } = new()
    {
        Name = "Created At",
        Type = "date",
        Description = "The time when the object was created.",
        Cell = (writer, item, _) => writer.WriteStringValue(Text(item, "metadata", "creationTimestamp")),
    };

    /// <summary>A column of text.</summary>
    public static Column Of(string name, string description, Func<JsonElement, string> value, int priority = 0) => new()
    {
        Name = name,
        Description = description,
        Priority = priority,
        Cell = (writer, item, _) => writer.WriteStringValue(value(item)),
    };

    /// <summary>A column of text that depends on the time.</summary>
    public static Column Of(
        string name, string description, Func<JsonElement, DateTimeOffset, string> value, int priority = 0) => new()
        {
            Name = name,
            Description = description,
            Priority = priority,
            Cell = (writer, item, now) => writer.WriteStringValue(value(item, now)),
        };

    /// <summary>A column of numbers; Kubernetes declares some of these as strings.</summary>
    public static Column Count(
        string name, string description, Func<JsonElement, long> value, int priority = 0, string type = "string") => new()
        {
            Name = name,
            Type = type,
            Description = description,
            Priority = priority,
            Cell = (writer, item, _) => writer.WriteNumberValue(value(item)),
        };

    /// <summary>The value at a path of fields; undefined where there is none.</summary>
    public static JsonElement Find(JsonElement item, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty(name, out item))
            {
                return default;
            }
        }

        return item;
    }

    /// <summary>The text at a path of fields; empty where there is none.</summary>
    public static string Text(JsonElement item, params ReadOnlySpan<string> path)
    {
        var found = Find(item, path);
        return found.ValueKind == JsonValueKind.String ? found.GetString()! : "";
    }

    /// <summary>The whole number at a path of fields; 0 where there is none.</summary>
    public static long Number(JsonElement item, params ReadOnlySpan<string> path)
    {
        var found = Find(item, path);
        return found.ValueKind == JsonValueKind.Number && found.TryGetInt64(out var number) ? number : 0;
    }

    /// <summary>Whether true stands at a path of fields.</summary>
    public static bool IsTrue(JsonElement item, params ReadOnlySpan<string> path) =>
        Find(item, path).ValueKind == JsonValueKind.True;

    /// <summary>The elements of the list at a path of fields; none where there is none.</summary>
    public static IEnumerable<JsonElement> List(JsonElement item, params ReadOnlySpan<string> path)
    {
        var found = Find(item, path);
        return found.ValueKind == JsonValueKind.Array ? found.EnumerateArray() : [];
    }

    /// <summary>The members of the map at a path of fields; none where there is none.</summary>
    public static IEnumerable<JsonProperty> Map(JsonElement item, params ReadOnlySpan<string> path)
    {
        var found = Find(item, path);
        return found.ValueKind == JsonValueKind.Object ? found.EnumerateObject() : [];
    }

    /// <summary>The text, or <paramref name="other"/> where it is empty.</summary>
    public static string Or(string text, string other = "<none>") => text.Length > 0 ? text : other;

    /// <summary>The first <paramref name="max"/> of the items, and how many more there are.</summary>
    public static string Some(IReadOnlyCollection<string> items, int max, string none)
    {
        var shown = string.Join(',', items.Take(max));
        return items.Count > max
            ? FormattableString.Invariant($"{shown} + {items.Count - max} more...") : Or(shown, none);
    }
}
