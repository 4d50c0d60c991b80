// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Settings;

/// <summary>
/// Reads a configuration file: <c>apiVersion: sealock.dev/v1</c>, <c>kind: ServerConfiguration</c>, and every setting
/// under its flag's name in camelCase; repeatable ones as lists.
/// </summary>
internal static class SettingsFile
{
    /// <summary>Applies a file that has been read as JSON; what cannot be used becomes a mistake.</summary>
    public static void Read(SettingsReader reader, string path, JsonNode? document)
    {
        if (document is not JsonObject file)
        {
            reader.Mistakes.Add($"{path}: is no mapping; start it with apiVersion: sealock.dev/v1 and kind: ServerConfiguration");
            return;
        }

        Expect(reader, path, file, "apiVersion", "sealock.dev/v1");
        Expect(reader, path, file, "kind", "ServerConfiguration");
        var settings = ServerSettingTable.All.ToDictionary(setting => setting.Key);
        foreach (var (key, value) in file)
        {
            if (key is "apiVersion" or "kind")
                continue;
            var origin = $"{path}: {key}";
            if (!settings.TryGetValue(key, out var setting))
                reader.Mistakes.Add($"{origin}: is not a known setting{Suggestion.For(key, settings.Keys)}; see sealock server --help");
            else if (value is JsonArray list)
            {
                if (!setting.Repeatable)
                    reader.Mistakes.Add($"{origin}: takes one value, not a list");
                else if (list.Count == 0)
                    reader.Mistakes.Add($"{origin}: is an empty list; name something, or leave it out");
                else if (list.Any(item => item is not JsonValue && !(item is JsonObject && setting.ApplyMapping is not null)))
                    reader.Mistakes.Add($"{origin}: takes a list of {(setting.ApplyMapping is null ? "plain values" : "mappings")}");
                else
                {
                    foreach (var item in list)
                    {
                        if (item is JsonObject mapping)
                            reader.Apply(setting, origin, mapping);
                        else
                            reader.Apply(setting, origin, Text(item));
                    }
                }
            }
            else if (value is JsonValue)
                reader.Apply(setting, origin, Text(value));
            else
                reader.Mistakes.Add($"{origin}: takes {(setting.Repeatable ? "a list of values" : "a value")}");
        }
    }

    private static void Expect(SettingsReader reader, string path, JsonObject file, string key, string expected)
    {
        if (Text(file[key]) != expected)
            reader.Mistakes.Add($"{path}: {key}: must be {expected}");
    }

    private static string Text(JsonNode? node) => node?.GetValueKind() switch
    {
        JsonValueKind.String => node.GetValue<string>(),
        null => "",
        _ => node.ToJsonString(),
    };
}
