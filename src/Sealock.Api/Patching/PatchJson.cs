// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Patching;

/// <summary>What patches ask of JSON values.</summary>
internal static class PatchJson
{
    /// <summary>The JSON type as Go's decoder names it in errors.</summary>
    public static string GoName(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "null",
    };

    /// <summary>The Go type that a decoded value has, as strategic merge's errors name it.</summary>
    public static string GoType(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.Object => "map[string]interface {}",
        JsonValueKind.Array => "[]interface {}",
        JsonValueKind.String => "string",
        JsonValueKind.Number => IsInteger(node) ? "int64" : "float64",
        JsonValueKind.True or JsonValueKind.False => "bool",
        _ => "%!s(<nil>)",
    };

    /// <summary>
    /// RFC 6902 section 4.6 equality: numbers by value, members in any order. Calls <paramref name="spend"/> with the
    /// number of values looked at.
    /// </summary>
    public static bool DeepEquals(JsonNode? left, JsonNode? right, Action<long> spend)
    {
        spend(1);
        switch (left, right)
        {
            case (null, _) or (_, null):
                return left is null && right is null;
            case (JsonObject a, JsonObject b):
                if (a.Count != b.Count)
                {
                    return false;
                }

                foreach (var (key, value) in a)
                {
                    if (!b.TryGetPropertyValue(key, out var other) || !DeepEquals(value, other, spend))
                    {
                        return false;
                    }
                }

                return true;
            case (JsonArray a, JsonArray b):
                if (a.Count != b.Count)
                {
                    return false;
                }

                for (var i = 0; i < a.Count; i++)
                {
                    if (!DeepEquals(a[i], b[i], spend))
                    {
                        return false;
                    }
                }

                return true;
            case (JsonValue a, JsonValue b):
                return ScalarKey(a) == ScalarKey(b);
            default:
                return false;
        }
    }

    /// <summary>A text that is equal for equal scalars: the type and the value.</summary>
    public static string ScalarKey(JsonNode? node)
    {
        if (node is null)
        {
            return "n";
        }

        return node.GetValueKind() switch
        {
            JsonValueKind.String => "s" + node.GetValue<string>(),
            JsonValueKind.Number => "d" + NumberKey(node.ToJsonString()),
            _ => "j" + node.ToJsonString(),
        };
    }

    /// <summary>Removes members in one pass, since removing one by one takes time by the square.</summary>
    public static void RemoveAll(JsonObject map, IReadOnlyCollection<string> names)
    {
        if (names.Count < 8)
        {
            foreach (var name in names)
            {
                map.Remove(name);
            }

            return;
        }

        HashSet<string> gone = new(names, StringComparer.Ordinal);
        KeyValuePair<string, JsonNode?>[] kept = [.. map.Where(p => !gone.Contains(p.Key))];
        map.Clear();
        foreach (var (name, value) in kept)
        {
            map[name] = value;
        }
    }

    private static bool IsInteger(JsonNode node) =>
        long.TryParse(node.ToJsonString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    private static string NumberKey(string text)
    {
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var exact))
        {
            return (exact / 1.0000000000000000000000000000m).ToString(CultureInfo.InvariantCulture);
        }

        return double.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture).ToString("R", CultureInfo.InvariantCulture);
    }
}
