// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;

namespace Sealock.Api.Kubeconfigs;

/// <summary>A merged kubeconfig, and under which names the added entries are found in it.</summary>
/// <param name="Config">The whole.</param>
/// <param name="Context">The name of the added context that was in use; empty: none was.</param>
/// <param name="Renamed">Entries that had to take another name, as <c>old → new</c> per list.</param>
public sealed record KubeconfigMerge(Kubeconfig Config, string Context, IReadOnlyList<KubeconfigRename> Renamed);

/// <summary>An entry that took another name, since its own stood for something else.</summary>
public sealed record KubeconfigRename(string List, string From, string To);

/// <summary>Joins kubeconfigs: for reading (kubectl's rule for several files) and into a user's own file.</summary>
public static class KubeconfigMerging
{
    private static readonly string[] Lists = ["clusters", "users", "contexts"];

    private static readonly (string List, string Entry, string Field)[] Paths =
    [
        ("clusters", "cluster", "certificate-authority"), ("users", "user", "client-certificate"),
        ("users", "user", "client-key"), ("users", "user", "tokenFile"),
    ];

    /// <summary>Several files as one: the first to name an entry or the context in use wins. Paths become absolute.</summary>
    public static Kubeconfig Combine(IEnumerable<Kubeconfig> configs)
    {
        var root = (JsonObject)Kubeconfig.Empty.Root.DeepClone();
        foreach (var config in configs)
        {
            var other = WithAbsolutePaths(config);
            foreach (var list in Lists)
            {
                var entries = Take(root, list);
                var names = entries.Select(Name).ToHashSet(StringComparer.Ordinal);
                root[list] = new JsonArray([.. entries, .. Take(other, list).Where(e => names.Add(Name(e)))]);
            }

            foreach (var (field, value) in other.ToArray())
            {
                if (!Lists.Contains(field) && (!root.TryGetPropertyValue(field, out var had) || IsEmpty(had)))
                {
                    root[field] = value?.DeepClone();
                }
            }
        }

        return Kubeconfig.FromRoot(root, "");
    }

    /// <summary>
    /// Adds entries to a kubeconfig. What is there stays as it is, unknown fields included; an added entry whose name
    /// stands for something else takes the first free of <c>name-2</c>, <c>name-3</c>…
    /// </summary>
    public static KubeconfigMerge Merge(Kubeconfig into, Kubeconfig addition, bool useContext)
    {
        var root = (JsonObject)into.Root.DeepClone();
        var other = WithAbsolutePaths(addition);
        List<KubeconfigRename> renamed = [];
        var clusters = Add(root, other, "clusters", renamed);
        var users = Add(root, other, "users", renamed);
        foreach (var context in Items(other, "contexts").Select(e => e["context"]).OfType<JsonObject>())
        {
            Rename(context, "cluster", clusters);
            Rename(context, "user", users);
        }

        var contexts = Add(root, other, "contexts", renamed);
        var current = contexts.GetValueOrDefault(addition.CurrentContext, addition.CurrentContext);
        if (current.Length > 0 && (useContext || into.CurrentContext.Length == 0))
        {
            root["current-context"] = current;
        }

        root.TryAdd("apiVersion", "v1");
        root.TryAdd("kind", "Config");
        return new(Kubeconfig.FromRoot(root, into.Directory), current, renamed);
    }

    private static Dictionary<string, string> Add(JsonObject root, JsonObject other, string list, List<KubeconfigRename> renamed)
    {
        Dictionary<string, string> names = new(StringComparer.Ordinal);
        var entries = Take(root, list).ToDictionary(Name, e => e, StringComparer.Ordinal);
        foreach (var entry in Take(other, list))
        {
            var (name, free, number) = (Name(entry), Name(entry), 2);
            while (entries.TryGetValue(free, out var had) && !SameBut(had, entry))
            {
                free = FormattableString.Invariant($"{name}-{number++}");
            }

            names[name] = free;
            if (free != name)
            {
                renamed.Add(new(list, name, free));
            }

            if (entries.TryAdd(free, entry))
                entry["name"] = free;
        }

        root[list] = new JsonArray([.. entries.Values]);
        return names;
    }

    // Whether two entries say the same, names aside.
    private static bool SameBut(JsonObject left, JsonObject right)
    {
        var (a, b) = ((JsonObject)left.DeepClone(), (JsonObject)right.DeepClone());
        a.Remove("name");
        b.Remove("name");
        return JsonNode.DeepEquals(a, b);
    }

    private static JsonObject WithAbsolutePaths(Kubeconfig config)
    {
        var root = (JsonObject)config.Root.DeepClone();
        foreach (var (list, entry, field) in Paths)
        {
            foreach (var value in Items(root, list).Select(e => e[entry]).OfType<JsonObject>())
            {
                if (KubeconfigReader.Text(value, field, "") is { Length: > 0 } file)
                {
                    value[field] = KubeconfigReader.Absolute(file, config.Directory);
                }
            }
        }

        foreach (var exec in Items(root, "users").Select(e => (e["user"] as JsonObject)?["exec"]).OfType<JsonObject>())
        {
            if (KubeconfigReader.Text(exec, "command", "") is var command && command.Contains('/', StringComparison.Ordinal))
            {
                exec["command"] = KubeconfigReader.Absolute(command, config.Directory);
            }
        }

        return root;
    }

    private static void Rename(JsonObject context, string field, Dictionary<string, string> names)
    {
        if (names.TryGetValue(KubeconfigReader.Text(context, field, ""), out var name))
        {
            context[field] = name;
        }
    }

    private static List<JsonObject> Take(JsonObject root, string list) => [.. Items(root, list).Select(e => (JsonObject)e.DeepClone())];

    private static IEnumerable<JsonObject> Items(JsonObject root, string list) => (root[list] as JsonArray ?? []).OfType<JsonObject>();

    private static string Name(JsonObject entry) => KubeconfigReader.Text(entry, "name", "");

    private static bool IsEmpty(JsonNode? node) => node is null or JsonObject { Count: 0 } or JsonArray { Count: 0 }
        || (node is JsonValue value && value.TryGetValue<string>(out var text) && text.Length == 0);
}
