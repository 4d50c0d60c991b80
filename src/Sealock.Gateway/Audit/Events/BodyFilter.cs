// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Audit.Events;

/// <summary>
/// What is taken out of an object before it is recorded: what is secret in its kind, always; managed fields, where the
/// policy says so. It works on a tree of its own.
/// </summary>
internal sealed class BodyFilter
{
    private const string Any = "*";

    private readonly ImmutableArray<string[]> _secrets;
    private readonly bool _omitManagedFields;

    /// <summary>A filter.</summary>
    /// <param name="secrets">Paths of what is secret.</param>
    /// <param name="omitManagedFields">Whether managed fields are left out.</param>
    public BodyFilter(ImmutableArray<string[]> secrets, bool omitManagedFields) => (_secrets, _omitManagedFields) = (secrets, omitManagedFields);

    /// <summary>Takes out nothing.</summary>
    public static BodyFilter Nothing { get; } = new([], omitManagedFields: false);

    /// <summary>Takes out managed fields.</summary>
    public static BodyFilter ManagedFields { get; } = new([], omitManagedFields: true);

    /// <summary>Whether nothing has to be taken out.</summary>
    public bool IsEmpty => _secrets.IsEmpty && !_omitManagedFields;

    /// <summary>Whether the words of an error may repeat what was sent and is secret.</summary>
    public bool Quotes(ApiException error) => !_secrets.IsEmpty && QuotesAtCode(error.Code);

    /// <summary>Takes out what must not be recorded; answers whether there was anything secret.</summary>
    public bool Apply(JsonNode body)
    {
        if (body is JsonArray patch)
            return !_secrets.IsEmpty && RemoveValues(patch);
        if (body is not JsonObject root)
            return false;
        if (_secrets.Length > 0 && root["kind"] is JsonValue kind && kind.TryGetValue<string>(out var name) && name == "Status")
            return RemoveWords(root);
        var removed = ApplyTo(root);
        foreach (var item in (root["items"] as JsonArray)?.OfType<JsonObject>() ?? [])
            removed |= ApplyTo(item);
        foreach (var row in (root["rows"] as JsonArray)?.OfType<JsonObject>() ?? [])
            removed |= row["object"] is JsonObject shown && ApplyTo(shown);
        return removed;
    }

    // Answers about malformed and invalid bodies repeat parts of them.
    private static bool QuotesAtCode(int code) => code is not (401 or 403 or 404 or 409 or 429);

    private bool ApplyTo(JsonObject root)
    {
        if (_omitManagedFields)
            (root["metadata"] as JsonObject)?.Remove("managedFields");
        var removed = false;
        foreach (var path in _secrets)
            removed |= Remove(root, path);
        return removed;
    }

    private static bool Remove(JsonNode? node, ReadOnlySpan<string> path)
    {
        var removed = false;
        if (path[0] == Any)
        {
            foreach (var value in Values(node))
                removed |= Remove(value, path[1..]);
            return removed;
        }

        // A text where a map belongs is a mistake, and may be the secret itself.
        return node is JsonObject map
            && (path.Length == 1 || map[path[0]] is JsonValue ? map.Remove(path[0]) : Remove(map[path[0]], path[1..]));
    }

    private static IEnumerable<JsonNode?> Values(JsonNode? node) => node switch
    {
        JsonObject map => map.Select(pair => pair.Value),
        JsonArray list => list,
        _ => [],
    };

    /// <summary>A JSON patch may bring a secret at any path.</summary>
    private static bool RemoveValues(JsonArray patch)
    {
        var removed = false;
        foreach (var operation in patch.OfType<JsonObject>())
            removed |= operation.Remove("value");
        return removed;
    }

    private static bool RemoveWords(JsonObject status)
    {
        if (status["code"] is not JsonValue value || !value.TryGetValue<int>(out var code) || !QuotesAtCode(code))
            return false;
        var removed = status.Remove("message");
        return (status["details"] as JsonObject)?.Remove("causes") == true || removed;
    }
}
