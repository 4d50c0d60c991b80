// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Tests.Support;

/// <summary>
/// Derives odd objects from valid ones: a value of another type, an extreme one, a missing or a strange field, a part
/// of another object. The text stays JSON, so that what comes after the parser is reached.
/// </summary>
internal sealed class JsonMutator(int seed)
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-1", "1e300", "9223372036854775807", "18446744073709551616", "0.1", "\"\"", "\"a\"", "[]", "{}", "[null]",
        "[{}]", "{\"\":null}", "{\"a\":{\"b\":[1]}}", "[[[[]]]]", "\"2026-01-01T00:00:00Z\"", "\"2026-13-01T00:00:00Z\"", "\"*\"", "\"..\"",
        "\"a/b\"", "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"%2f\"", "\"1.5Gi\"", "\"-1n\"", "\"10.0.0.0/8\"", "\"::ffff:1.2.3.4\"", "\"A.B\"", "\"MQ==\"", "\"!!!\"",
    ];

    private readonly Random _random = new(seed);

    public int Next(int limit) => _random.Next(limit);

    /// <summary>A changed copy of one of the samples.</summary>
    public JsonObject Next(IReadOnlyList<JsonObject> samples)
    {
        var result = samples[_random.Next(samples.Count)].DeepClone().AsObject();
        for (var steps = _random.Next(4); steps > 0; steps--)
            Change(Containers(result), samples);
        return result;
    }

    /// <summary>Any value, or a part of a sample.</summary>
    public JsonNode? Value(IReadOnlyList<JsonObject> samples) => _random.Next(12) switch
    {
        0 => JsonValue.Create(new string((char)('a' + _random.Next(26)), _random.Next(5000))),
        1 => new JsonArray([.. Enumerable.Range(0, _random.Next(300)).Select(i => (JsonNode?)$"v{i}")]),
        2 or 3 => Part(samples),
        _ => JsonNode.Parse(Values[_random.Next(Values.Length)]),
    };

    private JsonNode? Part(IReadOnlyList<JsonObject> samples)
    {
        var containers = Containers(samples[_random.Next(samples.Count)]);
        return containers[_random.Next(containers.Count)].DeepClone();
    }

    private void Change(List<JsonNode> containers, IReadOnlyList<JsonObject> samples)
    {
        switch (containers[_random.Next(containers.Count)])
        {
            case JsonObject map:
                var name = map.Count > 0 && _random.Next(5) > 0 ? map.ElementAt(_random.Next(map.Count)).Key : StrangeName();
                if (_random.Next(5) == 0)
                    map.Remove(name);
                else
                    map[name] = Value(samples);
                break;
            case JsonArray list when list.Count > 0:
                var at = _random.Next(list.Count);
                if (_random.Next(4) == 0)
                    list.RemoveAt(at);
                else if (_random.Next(3) == 0)
                    list.Add(list[at]?.DeepClone());
                else
                    list[at] = Value(samples);
                break;
            case JsonArray list:
                list.Add(Value(samples));
                break;
        }
    }

    private string StrangeName() => _random.Next(6) switch
    {
        0 => "",
        1 => "a/b",
        2 => "$patch",
        3 => "é\u0000",
        4 => "metadata",
        _ => "x" + _random.Next(5),
    };

    private static List<JsonNode> Containers(JsonNode node)
    {
        var found = new List<JsonNode>();
        var left = new Stack<JsonNode?>([node]);
        while (left.TryPop(out var next))
        {
            if (next is not (JsonObject or JsonArray))
                continue;
            found.Add(next);
            foreach (var child in next is JsonObject map ? map.Select(pair => pair.Value) : next.AsArray())
                left.Push(child);
        }

        return found;
    }
}
