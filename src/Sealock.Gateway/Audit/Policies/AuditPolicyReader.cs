// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Yaml;

namespace Sealock.Gateway.Audit.Policies;

/// <summary>
/// Reads a policy from YAML or JSON with kube-apiserver's rules, and one more: a field that is not known is a mistake, for a
/// misspelt one would leave out in silence what was to be recorded.
/// </summary>
public static class AuditPolicyReader
{
    private static readonly string[] PolicyFields =
        ["apiVersion", "kind", "metadata", "rules", "omitStages", "omitManagedFields"];

    private static readonly string[] RuleFields =
    [
        "level", "users", "userGroups", "verbs", "resources", "namespaces", "nonResourceURLs", "omitStages",
        "omitManagedFields",
    ];

    private static readonly string[] ResourceFields = ["group", "resources", "resourceNames"];

    private static readonly string[] Levels =
        [nameof(AuditLevel.None), nameof(AuditLevel.Metadata), nameof(AuditLevel.Request), nameof(AuditLevel.RequestResponse)];

    private static readonly string[] Stages =
    [
        nameof(AuditStages.RequestReceived), nameof(AuditStages.ResponseStarted), nameof(AuditStages.ResponseComplete),
        nameof(AuditStages.Panic),
    ];

    /// <summary>Reads a policy; otherwise <paramref name="mistakes"/> tells all that is wrong, one line each.</summary>
    public static bool TryRead(
        string text, [NotNullWhen(true)] out AuditPolicy? policy, out IReadOnlyList<string> mistakes)
    {
        policy = null;
        if (!YamlReader.TryRead(text, out var document, out var refusal))
        {
            mistakes = [refusal];
            return false;
        }

        if (document is not JsonObject root)
        {
            mistakes = ["is no mapping; start it with apiVersion: audit.k8s.io/v1 and kind: Policy"];
            return false;
        }

        var reader = new Reading();
        var read = reader.Policy(root);
        mistakes = reader.Mistakes;
        policy = mistakes.Count == 0 ? read : null;
        return policy is not null;
    }

    /// <summary>One reading and the mistakes found in it.</summary>
    private sealed class Reading
    {
        public List<string> Mistakes { get; } = [];

        public AuditPolicy Policy(JsonObject root)
        {
            Expect(root, "apiVersion", "audit.k8s.io/v1");
            Expect(root, "kind", "Policy");
            Known(root, default, PolicyFields);
            var rules = List(root["rules"], new FieldPath("rules"), Rule);
            if (rules.IsEmpty && Mistakes.Count == 0)
                Mistakes.Add("rules: there are none, so nothing would ever be recorded; add one");
            return new AuditPolicy
            {
                Rules = rules,
                OmitStages = OmittedStages(root["omitStages"], new FieldPath("omitStages")),
                OmitManagedFields = Boolean(root["omitManagedFields"], new FieldPath("omitManagedFields")) ?? false,
            };
        }

        private AuditRule Rule(JsonNode? node, FieldPath at)
        {
            if (!IsMap(node, at, out var rule))
                return new AuditRule { Level = AuditLevel.None };
            Known(rule, at, RuleFields);
            var paths = Texts(rule["nonResourceURLs"], at.Child("nonResourceURLs"));
            CheckPaths(paths, at.Child("nonResourceURLs"));
            var resources = List(rule["resources"], at.Child("resources"), Resources);
            var namespaces = Texts(rule["namespaces"], at.Child("namespaces"));
            if (paths.Length > 0 && (resources.Length > 0 || namespaces.Length > 0))
            {
                Add(at.Child("nonResourceURLs").Invalid(
                    rule["nonResourceURLs"], "rules cannot apply to both regular resources and non-resource URLs"));
            }

            return new AuditRule
            {
                Level = Level(rule["level"], at.Child("level")),
                Users = Texts(rule["users"], at.Child("users")),
                UserGroups = Texts(rule["userGroups"], at.Child("userGroups")),
                Verbs = Texts(rule["verbs"], at.Child("verbs")),
                Resources = resources,
                Namespaces = namespaces,
                NonResourceUrls = paths,
                OmitStages = OmittedStages(rule["omitStages"], at.Child("omitStages")),
                OmitManagedFields = Boolean(rule["omitManagedFields"], at.Child("omitManagedFields")),
            };
        }

        private AuditResources Resources(JsonNode? node, FieldPath at)
        {
            if (!IsMap(node, at, out var entry))
                return new AuditResources("", [], []);
            Known(entry, at, ResourceFields);
            var group = entry["group"] is { } given ? Text(given, at.Child("group")) : "";
            var resources = Texts(entry["resources"], at.Child("resources"));
            var names = Texts(entry["resourceNames"], at.Child("resourceNames"));
            if (group.Length > 0)
            {
                foreach (var message in NameRules.DnsSubdomain(group))
                    Add(at.Child("group").Invalid(group, message));
            }

            if (names.Length > 0 && resources.IsEmpty)
            {
                Add(at.Child("resourceNames").Invalid(
                    entry["resourceNames"], "using resourceNames requires at least one resource"));
            }

            return new AuditResources(group, resources, names);
        }

        private void CheckPaths(ImmutableArray<string> paths, FieldPath at)
        {
            for (var i = 0; i < paths.Length; i++)
            {
                var path = paths[i];
                if (path == "*")
                    continue;
                if (!path.StartsWith('/'))
                    Add(at.Index(i).Invalid(path, "non-resource URL rules must begin with a '/' character"));
                if (path.Length > 0 && path.AsSpan(0, path.Length - 1).Contains('*'))
                    Add(at.Index(i).Invalid(path, "non-resource URL wildcards '*' must be the final character of the rule"));
            }
        }

        private AuditLevel Level(JsonNode? node, FieldPath at)
        {
            if (node is null)
            {
                Add(at.Required());
                return AuditLevel.None;
            }

            var text = Text(node, at);
            var index = Array.IndexOf(Levels, text);
            if (index < 0 && text.Length > 0)
                Add(at.NotSupported(text, Levels));
            else if (index < 0 && Mistakes.Count == 0)
                Add(at.Required());
            return (AuditLevel)Math.Max(0, index);
        }

        private AuditStages OmittedStages(JsonNode? node, FieldPath at)
        {
            var stages = AuditStages.None;
            var texts = Texts(node, at);
            for (var i = 0; i < texts.Length; i++)
            {
                var index = Array.IndexOf(Stages, texts[i]);
                if (index < 0)
                    Add(at.Index(i).Invalid(texts[i], "allowed stages are " + string.Join(',', Stages)));
                else
                    stages |= (AuditStages)(1 << index);
            }

            return stages;
        }

        private void Expect(JsonObject root, string field, string expected)
        {
            if (root[field] is not JsonValue value || !value.TryGetValue<string>(out var text) || text != expected)
                Mistakes.Add($"{field}: must be {expected}");
        }

        private void Known(JsonObject map, FieldPath at, string[] fields)
        {
            foreach (var (name, _) in map)
            {
                if (!fields.Contains(name))
                    Mistakes.Add($"{at.Child(name)}: is not a known field");
            }
        }

        private bool IsMap(JsonNode? node, FieldPath at, [NotNullWhen(true)] out JsonObject? map)
        {
            map = node as JsonObject;
            if (map is null)
                Mistakes.Add($"{at}: must be a mapping");
            return map is not null;
        }

        private ImmutableArray<T> List<T>(JsonNode? node, FieldPath at, Func<JsonNode?, FieldPath, T> read)
        {
            if (node is null)
                return [];
            if (node is JsonArray list)
                return [.. list.Select((item, i) => read(item, at.Index(i)))];
            Mistakes.Add($"{at}: must be a list");
            return [];
        }

        private ImmutableArray<string> Texts(JsonNode? node, FieldPath at) => List(node, at, Text);

        private string Text(JsonNode? node, FieldPath at)
        {
            if (node is JsonValue value && value.TryGetValue<string>(out var text))
                return text;
            Mistakes.Add($"{at}: must be a text; put it in quotes");
            return "";
        }

        private bool? Boolean(JsonNode? node, FieldPath at)
        {
            switch (node?.GetValueKind())
            {
                case null:
                    return null;
                case JsonValueKind.True:
                    return true;
                case JsonValueKind.False:
                    return false;
                default:
                    Mistakes.Add($"{at}: must be true or false");
                    return null;
            }
        }

        private void Add(FieldError error) => Mistakes.Add(error.ToString());
    }
}
