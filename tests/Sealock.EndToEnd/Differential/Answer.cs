// SPDX-License-Identifier: Apache-2.0
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Differential;

/// <summary>An answer with everything taken out that differs between any two servers: uids, revisions, times.</summary>
internal sealed partial record Answer(int StatusCode, JsonNode? Body)
{
    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Dropped = ["managedFields", "selfLink"];

    // kube-apiserver itself gives these in another order each time.
    private static readonly string[] Unordered = ["resourceRules", "nonResourceRules"];

    // What a server offers is compared entry by entry, where both offer it: no two versions offer the same.
    private static readonly string[] Offers = ["/groups", "/resources", "/versions"];

    /// <summary>The places at which two answers differ, as <c>path: this | that</c>.</summary>
    public static IEnumerable<string> Differences(Answer left, Answer right)
    {
        if (left.StatusCode != right.StatusCode)
            yield return $"code: {left.StatusCode} | {right.StatusCode}";
        foreach (var difference in Compare("", left.Body, right.Body))
            yield return difference;
    }

    /// <summary>Takes out what is never the same.</summary>
    public static JsonNode? Normalise(JsonNode? node, string field = "")
    {
        switch (node)
        {
            case JsonObject map:
                var result = new JsonObject();
                foreach (var (name, value) in map.OrderBy(pair => pair.Key, StringComparer.Ordinal))
                {
                    if (!Dropped.Contains(name))
                        result[name] = Normalise(value, name);
                }

                return result;
            case JsonArray list:
                var items = list.Select(item => Normalise(item, field));
                return new JsonArray([.. Unordered.Contains(field) ? items.OrderBy(Show, StringComparer.Ordinal) : items]);
            case JsonValue value when value.TryGetValue<string>(out var text):
                return Text(field, text);
            default:
                return node?.DeepClone();
        }
    }

    private static string Text(string field, string text) => field switch
    {
        "uid" => "<uid>",
        "resourceVersion" => text is "" or "0" ? text : "<revision>",
        "continue" => text.Length == 0 ? "" : "<continue>",
        "token" => "<token>",
        "cells" when Age().IsMatch(text) => "<age>",
        "request" or "certificate" => text.Length > 200 ? "<long>" : text,
        _ => Revision().Replace(Time().Replace(Uid().Replace(text, "<uid>"), "<time>"), "<revision>"),
    };

    private static IEnumerable<string> Compare(string path, JsonNode? left, JsonNode? right)
    {
        switch (left, right)
        {
            case (JsonObject a, JsonObject b):
                foreach (var name in a.Select(pair => pair.Key).Union(b.Select(pair => pair.Key)).Order(StringComparer.Ordinal))
                {
                    foreach (var difference in Compare($"{path}/{name}", a[name], b[name]))
                        yield return difference;
                }

                break;
            case (JsonArray a, JsonArray b) when Offers.Any(offer => path.EndsWith(offer, StringComparison.Ordinal)) && a.All(item => item is JsonObject):
                foreach (var (mine, theirs) in a.Join(b, Key, Key, (mine, theirs) => (mine, theirs), StringComparer.Ordinal))
                {
                    foreach (var difference in Compare($"{path}/{Key(mine)}", mine, theirs))
                        yield return difference;
                }

                break;
            case (JsonArray a, JsonArray b) when a.Count == b.Count:
                for (var i = 0; i < a.Count; i++)
                {
                    foreach (var difference in Compare($"{path}/{i}", a[i], b[i]))
                        yield return difference;
                }

                break;
            default:
                if (!JsonNode.DeepEquals(left, right))
                    yield return $"{path}: {Show(left)} | {Show(right)}";
                break;
        }
    }

    private static string Key(JsonNode? entry) => (entry?["name"] ?? entry?["groupVersion"])?.ToString() ?? "";

    private static string Show(JsonNode? node) => node?.ToJsonString(Readable) ?? "nothing";

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"^(\d+[smhdy])+$")]
    private static partial Regex Age();

    [GeneratedRegex(@"(?<=resource version: |resourceVersion[^\d]{1,4}|current: |in record \()\d+( \(\d+\))?")]
    private static partial Regex Revision();
}
