// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Schemas;
using Sealock.Api.Yaml;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Inspecting;

/// <summary>The objects in a text of YAML or JSON, of however many documents; lists are taken apart.</summary>
/// <param name="Objects">The objects.</param>
/// <param name="Problem">Why the text could not be read; null where it could.</param>
internal sealed record Documents(IReadOnlyList<JsonObject> Objects, string? Problem)
{
    private const int MaxValues = 5_000_000;
    private const int MaxLists = 4;

    /// <summary>Whether a text is worth reading as a kubeconfig.</summary>
    public static bool LooksLikeKubeconfig(ReadOnlySpan<byte> text) =>
        text.IndexOf("clusters:"u8) >= 0 || text.IndexOf("\"clusters\""u8) >= 0;

    public static Documents Read(ReadOnlySpan<byte> text, ContentLimits limits)
    {
        try
        {
            var objects = new List<JsonObject>();
            foreach (var node in IsJson(text) ? ReadJson(text, limits) : ReadYaml(text))
                Flatten(node, objects, 0);
            return new(objects, null);
        }
        catch (Exception e) when (e is MalformedObjectException or FormatException or DecoderFallbackException)
        {
            return new([], e.Message);
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> text)
    {
        var start = text.IndexOfAnyExcept(" \t\r\n"u8);
        return start >= 0 && text[start] is (byte)'{' or (byte)'[';
    }

    private static IReadOnlyList<JsonNode?> ReadJson(ReadOnlySpan<byte> text, ContentLimits limits)
    {
        try
        {
            return [JsonReading.ReadValue(text, new JsonLimits(limits.MaxBytes, MaxValues: MaxValues))];
        }
        catch (MalformedObjectException refusal)
        {
            // YAML may begin like JSON, and several documents, each as JSON, are YAML.
            return YamlReader.TryReadAll(Encoding.UTF8.GetString(text), out var documents, out _) ? documents : throw new FormatException(refusal.Message, refusal);
        }
    }

    private static IReadOnlyList<JsonNode?> ReadYaml(ReadOnlySpan<byte> text) =>
        YamlReader.TryReadAll(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(text), out var documents, out var error)
            ? documents
            : throw new FormatException(error);

    private static void Flatten(JsonNode? node, List<JsonObject> objects, int depth)
    {
        switch (node)
        {
            case JsonArray list when depth < MaxLists:
                foreach (var element in list)
                    Flatten(element, objects, depth + 1);
                break;
            case JsonObject { Count: > 0 } value when depth < MaxLists && value["items"] is JsonArray items
                && value["kind"]?.GetValueKind() == System.Text.Json.JsonValueKind.String && value["kind"]!.GetValue<string>().EndsWith("List", StringComparison.Ordinal):
                Flatten(items, objects, depth + 1);
                break;
            case JsonObject value:
                objects.Add(value);
                break;
        }
    }
}
