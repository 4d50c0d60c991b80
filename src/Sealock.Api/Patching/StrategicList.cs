// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Patching;

/// <summary>Merging and ordering of lists whose elements have identity: scalars by value, objects by merge key.</summary>
internal static class StrategicList
{
    public static JsonArray Merge(JsonArray original, JsonArray patch, PatchField field, bool deletes)
    {
        if (original.Count == 0 && patch.Count == 0)
        {
            return [];
        }

        var scalars = CheckElements(original, patch);
        List<JsonNode?> serverOrder;
        List<JsonNode?> merged;
        IEnumerable<JsonNode?> patchOrder = patch;
        if (scalars)
        {
            if (deletes)
            {
                var gone = patch.Select(PatchJson.ScalarKey).ToHashSet(StringComparer.Ordinal);
                return new([.. original.Where(v => !gone.Contains(PatchJson.ScalarKey(v))).Select(v => v?.DeepClone())]);
            }

            serverOrder = [.. original];
            merged = [.. original.Concat(patch).DistinctBy(PatchJson.ScalarKey, StringComparer.Ordinal)];
        }
        else
        {
            var key = field.MergeKey ?? throw Error($"cannot merge lists without merge key for {field.Schema?.Name}");
            (serverOrder, var changes) = Direct(original, patch, key);
            merged = MergeByKey(serverOrder, changes, key, field.Schema);
            patchOrder = changes;
        }

        return Arrange(merged, [.. patchOrder], serverOrder, scalars ? null : field.MergeKey);
    }

    /// <summary>
    /// The elements that <paramref name="order"/> names, in its order, interleaved with the others, which keep the
    /// server's order, as well as both orders allow.
    /// </summary>
    public static JsonArray Arrange(
        IEnumerable<JsonNode?> merged, IReadOnlyCollection<JsonNode?> order, IReadOnlyCollection<JsonNode?> serverOrder,
        string? mergeKey)
    {
        var rank = Ranks(order, mergeKey);
        var serverRank = Ranks(serverOrder, mergeKey);
        var elements = merged.Select(n => (Node: n, Key: KeyOf(n, mergeKey))).ToList();
        var named = elements.Where(e => rank.ContainsKey(e.Key)).OrderBy(e => rank[e.Key]).ToList();
        var others = elements.Where(e => !rank.ContainsKey(e.Key))
            .OrderBy(e => serverRank.GetValueOrDefault(e.Key, int.MaxValue)).ToList();
        var result = new JsonArray();
        int i = 0, j = 0;
        while (i < others.Count || j < named.Count)
        {
            var takeOther = j >= named.Count || (i < others.Count
                && serverRank.TryGetValue(others[i].Key, out var a) && serverRank.TryGetValue(named[j].Key, out var b) && a < b);
            var node = takeOther ? others[i++].Node : named[j++].Node;
            result.Add(node?.Parent is null ? node : node.DeepClone());
        }

        return result;
    }

    /// <summary>The patch's elements must appear in the order directive, in the same order.</summary>
    public static void CheckOrder(JsonArray patch, JsonArray order, string? mergeKey)
    {
        if (order.Count == 0 || patch.Count == 0)
        {
            return;
        }

        var at = 0;
        foreach (var element in patch)
        {
            if (element is JsonObject map && map.ContainsKey(PatchDirectives.Marker))
            {
                continue;
            }

            var key = KeyOf(element, mergeKey);
            while (at < order.Count && KeyOf(order[at], mergeKey) != key)
            {
                at++;
            }

            if (at == order.Count)
            {
                throw Error($"The order in patch list:\n{GoText.Plain(patch)}\n doesn't match {PatchDirectives.SetOrder} "
                    + $"list:\n{GoText.Plain(order)}\n");
            }

            at++;
        }
    }

    // Obeys $patch inside list elements: delete removes by key, replace drops what was there.
    private static (List<JsonNode?> Original, List<JsonObject> Changes) Direct(JsonArray original, JsonArray patch, string key)
    {
        List<JsonObject> changes = [];
        HashSet<string> gone = new(StringComparer.Ordinal);
        var replaces = false;
        foreach (var element in patch.OfType<JsonObject>())
        {
            if (!element.TryGetPropertyValue(PatchDirectives.Marker, out var directive))
            {
                changes.Add(element);
                continue;
            }

            switch (PatchDirectives.Text(directive))
            {
                case "delete":
                    gone.Add(KeyOf(element, key));
                    break;
                case "replace":
                    replaces = true;
                    break;
                case "merge":
                    throw Error("merging lists cannot yet be specified in the patch");
                default:
                    throw PatchDirectives.Unknown(directive, element);
            }
        }

        return replaces
            ? ([], changes)
            : ([.. original.Where(o => gone.Count == 0 || !gone.Contains(LooseKey(o, key)))], changes);
    }

    private static List<JsonNode?> MergeByKey(
        List<JsonNode?> original, List<JsonObject> changes, string key, IPatchSchema? schema)
    {
        List<JsonNode?> merged = [.. original];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        foreach (var (index, element) in merged.Index())
        {
            places.TryAdd(LooseKey(element, key), index);
        }

        foreach (var change in changes)
        {
            var id = KeyOf(change, key);
            if (places.TryGetValue(id, out var place) && merged[place] is JsonObject current)
            {
                merged[place] = StrategicMergePatch.MergeObject(current, change, schema);
            }
            else
            {
                places.Add(id, merged.Count);
                merged.Add(PatchDirectives.Clean(change));
            }
        }

        return merged;
    }

    // True: scalars, false: objects. All elements must be of one type.
    private static bool CheckElements(JsonArray original, JsonArray patch)
    {
        string? type = null;
        foreach (var element in original.Concat(patch))
        {
            var other = PatchJson.GoType(element);
            if (type is null && element is JsonArray)
            {
                throw new PatchException(PatchFailure.Unprocessable("lists of lists are not supported"));
            }

            if (element is null || (type is not null && type != other))
            {
                throw Error($"list element types are not identical: [{GoText.Plain(original)} {GoText.Plain(patch)}]");
            }

            type = other;
        }

        return type != "map[string]interface {}";
    }

    private static Dictionary<string, int> Ranks(IReadOnlyCollection<JsonNode?> order, string? mergeKey)
    {
        Dictionary<string, int> ranks = new(order.Count, StringComparer.Ordinal);
        foreach (var (index, node) in order.Index())
        {
            ranks.TryAdd(KeyOf(node, mergeKey), index);
        }

        return ranks;
    }

    private static string KeyOf(JsonNode? node, string? mergeKey)
    {
        if (mergeKey is null)
        {
            return PatchJson.ScalarKey(node);
        }

        if (node is not JsonObject map)
        {
            throw Error($"expected a map[string]interface {{}}, but received a {PatchJson.GoType(node)}");
        }

        return map.TryGetPropertyValue(mergeKey, out var value)
            ? PatchJson.ScalarKey(value)
            : throw Error($"map: {GoText.Plain(map)} does not contain declared merge key: {mergeKey}");
    }

    private static string LooseKey(JsonNode? node, string mergeKey) =>
        node is JsonObject map && map.TryGetPropertyValue(mergeKey, out var value) ? PatchJson.ScalarKey(value) : "";

    private static PatchException Error(string message) => new(PatchFailure.Error(message));
}
