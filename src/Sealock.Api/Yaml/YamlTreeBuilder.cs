// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Sealock.Api.Yaml;

/// <summary>Makes the events of one document after another into JSON trees, within the reader's bounds.</summary>
internal sealed class YamlTreeBuilder(IParser parser, int maxValues)
{
    private readonly Dictionary<string, Anchored> _anchors = new(StringComparer.Ordinal);
    private readonly HashSet<string> _open = new(StringComparer.Ordinal);
    private int _values;

    private sealed record Anchored(JsonNode? Node, int Count, int Height);

    /// <summary>The tree that starts at the parser's current event, which is left on the last event read.</summary>
    public JsonNode? Build()
    {
        // Anchors are their document's; what may be spent is the text's.
        _anchors.Clear();
        return Value(0).Node;
    }

    private (JsonNode? Node, int Height) Value(int depth)
    {
        Spend(parser.Current!, 1);
        return Node(depth);
    }

    /// <summary>A value that is counted already, or a key, which is counted with its value.</summary>
    private (JsonNode? Node, int Height) Node(int depth)
    {
        var place = parser.Current!;
        if (depth > YamlReader.MaxDepth)
        {
            throw YamlRefusal.At(place, "nested too deeply");
        }

        if (place is AnchorAlias alias)
        {
            return Alias(alias, depth);
        }

        var anchor = place is NodeEvent { Anchor.IsEmpty: false } node ? node.Anchor.Value : null;
        if (anchor is not null && !_open.Add(anchor))
        {
            throw YamlRefusal.At(place, $"anchor '{anchor}' value contains itself");
        }

        var before = _values;
        var (value, height) = place switch
        {
            Scalar scalar => (YamlScalar.Resolve(scalar), 0),
            SequenceStart => Sequence(depth),
            MappingStart => Mapping(depth),
            _ => throw YamlRefusal.At(place, "unexpected " + place.GetType().Name),
        };
        if (anchor is not null)
        {
            _open.Remove(anchor);
            _anchors[anchor] = new(value?.DeepClone(), _values - before + 1, height);
        }

        return (value, height);
    }

    private (JsonNode? Node, int Height) Alias(AnchorAlias alias, int depth)
    {
        var name = alias.Value.Value;
        if (_open.Contains(name))
        {
            throw YamlRefusal.At(alias, $"anchor '{name}' value contains itself");
        }

        if (!_anchors.TryGetValue(name, out var anchored))
        {
            throw YamlRefusal.At(alias, $"unknown anchor '{name}' referenced");
        }

        Spend(alias, anchored.Count - 1);
        if (depth + anchored.Height > YamlReader.MaxDepth)
        {
            throw YamlRefusal.At(alias, "nested too deeply");
        }

        return (anchored.Node?.DeepClone(), anchored.Height);
    }

    private (JsonNode Node, int Height) Sequence(int depth)
    {
        var list = new JsonArray();
        var height = 0;
        while (Next() is not SequenceEnd)
        {
            var (element, inner) = Value(depth + 1);
            list.Add(element);
            height = Math.Max(height, inner + 1);
        }

        return (list, height);
    }

    private (JsonNode Node, int Height) Mapping(int depth)
    {
        var map = new JsonObject();
        List<(ParsingEvent Place, JsonNode? Value)> merges = [];
        var height = 0;
        while (Next() is not MappingEnd)
        {
            var place = parser.Current!;
            var isMerge = YamlScalar.IsMerge(place);
            var key = isMerge ? "" : Key(place, Node(depth + 1).Node);
            Next();
            var (value, inner) = Value(depth + 1);
            height = Math.Max(height, inner + 1);
            if (isMerge)
            {
                merges.Add((place, value));
            }
            else if (!map.TryAdd(key, value))
            {
                throw YamlRefusal.At(place, $"key {GoText.Quote(key)} already set in map");
            }
        }

        foreach (var (place, value) in merges)
        {
            Merge(map, place, value);
        }

        return (map, height);
    }

    // What stands in the map itself wins, then what was merged first.
    private static void Merge(JsonObject map, ParsingEvent place, JsonNode? value)
    {
        switch (value)
        {
            case JsonObject source:
                foreach (var (key, item) in source)
                {
                    map.TryAdd(key, item?.DeepClone());
                }

                break;
            case JsonArray list when list.All(e => e is JsonObject):
                foreach (var source in list)
                {
                    Merge(map, place, source);
                }

                break;
            default:
                throw YamlRefusal.At(place, "map merge requires map or sequence of maps as the value");
        }
    }

    private static string Key(ParsingEvent place, JsonNode? key) => key switch
    {
        JsonValue value => value.TryGetValue<string>(out var text) ? text : value.ToJsonString(),
        null => throw YamlRefusal.At(place, "unsupported map key of type null"),
        _ => throw YamlRefusal.At(place, "invalid map key: " + GoText.Value(key)),
    };

    private ParsingEvent Next()
    {
        parser.MoveNext();
        return parser.Current!;
    }

    private void Spend(ParsingEvent place, int count)
    {
        _values += count;
        if (_values > maxValues)
        {
            throw YamlRefusal.At(place, "document contains too many values");
        }
    }
}
