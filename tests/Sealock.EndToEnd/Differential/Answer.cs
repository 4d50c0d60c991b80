// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Differential;

/// <summary>An answer with everything taken out that differs between any two servers: uids, revisions, times.</summary>
internal sealed partial record Answer(int StatusCode, JsonNode? Body)
{
    private static readonly string[] Dropped = ["managedFields", "selfLink"];

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
                return new JsonArray([.. list.Select(item => Normalise(item, field))]);
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

    private static string Show(JsonNode? node) => node?.ToJsonString() ?? "nothing";

    [GeneratedRegex("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")]
    private static partial Regex Time();

    [GeneratedRegex(@"(?<=resource version: |resourceVersion[^\d]{1,4})\d+( \(\d+\))?")]
    private static partial Regex Revision();
}
