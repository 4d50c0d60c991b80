// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Audit.Policies;

namespace Sealock.Tests.Audit;

/// <summary>Made-up policies and requests, the same for the same seed.</summary>
internal sealed class PolicySamples(int seed)
{
    private static readonly string[] Users = ["jane", "joe", "system:anonymous"];
    private static readonly string[] Groups = ["devs", "ops", "system:authenticated"];
    private static readonly string[] Verbs = ["get", "list", "create"];
    private static readonly string[] Namespaces = ["one", "two", ""];
    private static readonly string[] ApiGroups = ["", "apps", "rbac.authorization.k8s.io"];
    private static readonly string[] Paths = ["/version", "/healthz", "/healthz/ping"];

    private readonly Random _random = new(seed);

    public AuditPolicy Policy() => new()
    {
        Rules = [.. Enumerable.Range(0, 1 + _random.Next(5)).Select(_ => Rule())],
        OmitStages = Stages(),
        OmitManagedFields = Sometimes(),
    };

    public AccessQuestion Question()
    {
        var user = new UserInfo { Name = One(Users), Groups = Some(Groups) };
        return Sometimes()
            ? new AccessQuestion { User = user, Verb = One(Verbs), IsResource = false, Path = One(Paths) }
            : new AccessQuestion
            {
                User = user,
                Verb = One(Verbs),
                IsResource = true,
                Group = One(ApiGroups),
                Resource = One(["pods", "secrets"]),
                Subresource = One(["", "log", "status"]),
                Namespace = One(Namespaces),
                Name = One(["", "a", "b"]),
            };
    }

    public static string Write(AuditPolicy policy)
    {
        var root = new JsonObject
        {
            ["apiVersion"] = "audit.k8s.io/v1",
            ["kind"] = "Policy",
            ["rules"] = new JsonArray([.. policy.Rules.Select(Write)]),
            ["omitManagedFields"] = policy.OmitManagedFields,
        };
        Put(root, "omitStages", Names(policy.OmitStages));
        return root.ToJsonString();
    }

    private static JsonObject Write(AuditRule rule)
    {
        var root = new JsonObject { ["level"] = rule.Level.ToString() };
        Put(root, "users", rule.Users);
        Put(root, "userGroups", rule.UserGroups);
        Put(root, "verbs", rule.Verbs);
        Put(root, "namespaces", rule.Namespaces);
        Put(root, "nonResourceURLs", rule.NonResourceUrls);
        Put(root, "omitStages", Names(rule.OmitStages));
        if (rule.Resources.Length > 0)
            root["resources"] = new JsonArray([.. rule.Resources.Select(Write)]);
        if (rule.OmitManagedFields is { } omitted)
            root["omitManagedFields"] = omitted;
        return root;
    }

    private static JsonObject Write(AuditResources resources)
    {
        var root = new JsonObject { ["group"] = resources.Group };
        Put(root, "resources", resources.Resources);
        Put(root, "resourceNames", resources.ResourceNames);
        return root;
    }

    private static void Put(JsonObject root, string field, ImmutableArray<string> texts)
    {
        if (texts.Length > 0)
            root[field] = new JsonArray([.. texts.Select(text => JsonValue.Create(text))]);
    }

    private static ImmutableArray<string> Names(AuditStages stages) =>
        [.. Enum.GetValues<AuditStages>().Where(stage => stage != AuditStages.None && stages.HasFlag(stage)).Select(stage => stage.ToString())];

    private AuditRule Rule()
    {
        var aboutPaths = Sometimes();
        return new AuditRule
        {
            Level = (AuditLevel)_random.Next(4),
            Users = Some(Users),
            UserGroups = Some(Groups),
            Verbs = Some(Verbs),
            Namespaces = aboutPaths ? [] : Some(Namespaces),
            Resources = aboutPaths ? [] : [.. Enumerable.Range(0, _random.Next(3)).Select(_ => Resources())],
            NonResourceUrls = aboutPaths ? Some(["/version", "/healthz*", "*"]) : [],
            OmitStages = Stages(),
            OmitManagedFields = _random.Next(3) switch { 0 => true, 1 => false, _ => null },
        };
    }

    private AuditResources Resources()
    {
        var resources = Some(["pods", "pods/log", "pods/*", "*/log", "*", "secrets"]);
        return new AuditResources(One(ApiGroups), resources, resources.IsEmpty ? [] : Some(["a", "b"]));
    }

    private AuditStages Stages() => Sometimes() ? AuditStages.None : (AuditStages)_random.Next(16);

    private bool Sometimes() => _random.Next(2) == 0;

    private string One(string[] values) => values[_random.Next(values.Length)];

    private ImmutableArray<string> Some(string[] values) =>
        Sometimes() ? [] : [.. values.Where(_ => Sometimes())];
}
