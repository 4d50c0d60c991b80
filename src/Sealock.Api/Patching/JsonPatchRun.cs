// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Sealock.Api.Patching;

/// <summary>One application of a JSON patch, with the budgets that keep a hostile one cheap.</summary>
internal sealed class JsonPatchRun(JsonObject document)
{
    // Elements moved or compared: about a second of work at worst.
    private const long Budget = 200_000_000;

    private long _work;
    private long _copied;

    public void Apply(JsonObject operation)
    {
        var op = Text(operation, "op") ?? "";
        switch (op)
        {
            case "add":
                Add(Path(operation, "path"), operation["value"]?.DeepClone());
                break;
            case "remove":
                Take(Path(operation, "path"));
                break;
            case "replace":
                Replace(Path(operation, "path"), operation["value"]?.DeepClone());
                break;
            case "move":
                Move(Path(operation, "from"), Path(operation, "path"));
                break;
            case "copy":
                Copy(Path(operation, "from"), Path(operation, "path"));
                break;
            case "test":
                Test(Path(operation, "path"), operation["value"]);
                break;
            default:
                throw Refused($"unexpected kind: {op}");
        }
    }

    private void Add(string[] path, JsonNode? value)
    {
        switch (Parent(path))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list:
                Spend(list.Count);
                list.Insert(path[^1] == "-" ? list.Count : Index(path[^1], list.Count + 1), value);
                break;
        }
    }

    private JsonNode? Take(string[] path)
    {
        var key = path[^1];
        if (Parent(path) is JsonArray list)
        {
            Spend(list.Count);
            var index = Index(key, list.Count);
            var element = list[index];
            list.RemoveAt(index);
            return element;
        }

        var map = (JsonObject)Parent(path);
        Spend(map.Count);
        if (!map.TryGetPropertyValue(key, out var value))
        {
            throw Refused($"unable to remove nonexistent key: {key}");
        }

        map.Remove(key);
        return value;
    }

    private void Replace(string[] path, JsonNode? value)
    {
        switch (Parent(path))
        {
            case JsonObject map:
                map[path[^1]] = value;
                break;
            case JsonArray list:
                list[Index(path[^1], list.Count)] = value;
                break;
        }
    }

    private void Move(string[] from, string[] path)
    {
        if (path.Length > from.Length && path.AsSpan(0, from.Length).SequenceEqual(from))
        {
            throw Refused("a value cannot be moved into itself");
        }

        Add(path, Take(from));
    }

    private void Copy(string[] from, string[] path)
    {
        var value = Get(from);
        _copied += value is null ? 4 : Encoding.UTF8.GetByteCount(value.ToJsonString());
        if (_copied > JsonPatch.MaxCopiedBytes)
        {
            throw Refused($"the accumulated size of copies exceeds the limit {JsonPatch.MaxCopiedBytes}");
        }

        Add(path, value?.DeepClone());
    }

    private void Test(string[] path, JsonNode? expected)
    {
        if (!PatchJson.DeepEquals(Get(path), expected, Spend))
        {
            throw Refused($"testing value /{string.Join('/', path)} failed");
        }
    }

    private JsonNode? Get(string[] path) => Parent(path) switch
    {
        JsonArray list => list[Index(path[^1], list.Count)],
        var map => ((JsonObject)map)[path[^1]],
    };

    private JsonNode Parent(string[] path)
    {
        JsonNode? at = document;
        foreach (var part in path.AsSpan(0, path.Length - 1))
        {
            at = at switch
            {
                JsonObject map => map[part],
                JsonArray list => list[Index(part, list.Count)],
                _ => null,
            };
        }

        return at is JsonObject or JsonArray ? at : throw Refused($"doc is missing path: /{string.Join('/', path)}");
    }

    private void Spend(long amount)
    {
        _work += amount + 1;
        if (_work > Budget)
        {
            throw Refused("the patch takes too much work");
        }
    }

    private static int Index(string text, int count)
    {
        if (!int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
        {
            throw Refused($"value was not a proper array index: '{text}'");
        }

        index = index < 0 ? index + count : index;
        return index >= 0 && index < count ? index : throw Refused($"unable to access invalid index: {text}");
    }

    // RFC 6901
    private static string[] Path(JsonObject operation, string member)
    {
        var text = Text(operation, member) ?? throw Refused($"operation missing {member} field");
        return text.StartsWith('/')
            ? [.. text[1..].Split('/').Select(p => p.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]
            : throw Refused($"doc is missing path: \"{text}\"");
    }

    private static string? Text(JsonObject operation, string member) =>
        operation[member] is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private static PatchException Refused(string cause) => new(PatchFailure.Unprocessable(cause));
}
