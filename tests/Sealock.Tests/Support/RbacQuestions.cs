// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Tests.Support;

/// <summary>
/// Roles, bindings and questions, the same for the same seed everywhere. The words are few, so that rules and questions
/// meet often; every object is valid, so that a real kube-apiserver takes it too.
/// </summary>
internal sealed record RbacQuestions(
    ImmutableArray<RbacRole> Roles, ImmutableArray<RbacBinding> Bindings, ImmutableArray<AccessQuestion> Questions)
{
    public static readonly ImmutableArray<string> Namespaces = ["rbac-a", "rbac-b", "rbac-c"];

    private static readonly string[] Verbs = ["get", "list", "watch", "create", "update", "patch", "delete", "approve", "*"];
    private static readonly string[] Groups = ["", "apps", "certificates.k8s.io", "example.org", "*"];
    private static readonly string[] Resources =
        ["pods", "secrets", "signers", "pods/exec", "pods/log", "pods/*", "*/exec", "*/status", "*", "deployments/status"];
    private static readonly string[] AskedResources = ["pods", "secrets", "signers", "deployments", "nodes", "*"];
    private static readonly string[] Subresources = ["", "", "", "exec", "log", "status", "*"];
    private static readonly string[] Names = ["one", "two", "example.org/*", "x:y"];
    private static readonly string[] Paths = ["/healthz", "/healthz/*", "/apis/*", "/logs**", "*", "/metrics", "/api*"];
    private static readonly string[] AskedPaths =
        ["/healthz", "/healthz/ping", "/healthz/", "/apis/apps", "/apis", "/logs", "/logsx", "/metrics", "/metrics/a", "/api", "/"];
    private static readonly string[] Users =
        ["rbac-jane", "rbac-joe", "system:serviceaccount:rbac-a:robot", "system:serviceaccount:rbac-b:robot"];
    private static readonly string[] UserGroups = ["rbac-devs", "rbac-ops", "rbac-auditors"];

    /// <summary>Generates objects and questions; a tenth of the bindings refers to a role that does not exist.</summary>
    public static RbacQuestions Generate(int seed, int roles = 60, int bindings = 90, int questions = 5000)
    {
        var random = new Dice((uint)seed);
        var allRoles = Enumerable.Range(0, roles).Select(i => Role(random, i)).ToImmutableArray();
        return new(
            allRoles,
            [.. Enumerable.Range(0, bindings).Select(i => Binding(random, i, allRoles))],
            [.. Enumerable.Range(0, questions).Select(_ => Question(random))]);
    }

    /// <summary>A role as an object of the API.</summary>
    public static JsonObject ToJson(RbacRole role) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = role.Namespace.Length == 0 ? "ClusterRole" : "Role",
        ["metadata"] = Metadata(role.Namespace, role.Name),
        ["rules"] = new JsonArray([.. role.Rules.Select(ToJson)]),
    };

    /// <summary>A binding as an object of the API.</summary>
    public static JsonObject ToJson(RbacBinding binding) => new()
    {
        ["apiVersion"] = "rbac.authorization.k8s.io/v1",
        ["kind"] = binding.Namespace.Length == 0 ? "ClusterRoleBinding" : "RoleBinding",
        ["metadata"] = Metadata(binding.Namespace, binding.Name),
        ["roleRef"] = new JsonObject
        {
            ["apiGroup"] = binding.Role.Group,
            ["kind"] = binding.Role.Kind,
            ["name"] = binding.Role.Name,
        },
        ["subjects"] = new JsonArray([.. binding.Subjects.Select(ToJson)]),
    };

    /// <summary>A question as a SubjectAccessReview.</summary>
    public static JsonObject ToSubjectAccessReview(in AccessQuestion question)
    {
        var spec = new JsonObject { ["user"] = question.User.Name, ["groups"] = Texts(question.User.Groups) };
        if (question.IsResource)
        {
            spec["resourceAttributes"] = new JsonObject
            {
                ["namespace"] = question.Namespace,
                ["verb"] = question.Verb,
                ["group"] = question.Group,
                ["version"] = question.Version,
                ["resource"] = question.Resource,
                ["subresource"] = question.Subresource,
                ["name"] = question.Name,
            };
        }
        else
        {
            spec["nonResourceAttributes"] = new JsonObject { ["path"] = question.Path, ["verb"] = question.Verb };
        }

        return new JsonObject
        {
            ["apiVersion"] = "authorization.k8s.io/v1",
            ["kind"] = "SubjectAccessReview",
            ["spec"] = spec,
        };
    }

    private static RbacRole Role(Dice random, int index)
    {
        var @namespace = random.One(["", "", .. Namespaces]);
        var rules = Enumerable.Range(0, random.Below(5))
            .Select(_ => @namespace.Length == 0 && random.Below(4) == 0 ? PathRule(random) : ResourceRule(random));
        return new(@namespace, $"rbac-role-{index}", [.. rules]);
    }

    private static PolicyRule ResourceRule(Dice random) => new()
    {
        Verbs = random.Some(Verbs),
        Groups = random.Some(Groups),
        Resources = random.Some(Resources),
        ResourceNames = random.Below(3) == 0 ? random.Some(Names) : [],
    };

    private static PolicyRule PathRule(Dice random) => new() { Verbs = random.Some(Verbs), Paths = random.Some(Paths) };

    private static RbacBinding Binding(Dice random, int index, ImmutableArray<RbacRole> roles)
    {
        var role = roles[random.Below(roles.Length)];
        var @namespace = role.Namespace.Length > 0 ? role.Namespace : random.One(["", .. Namespaces]);
        var name = random.Below(10) == 0 ? $"rbac-missing-{index}" : role.Name;
        return new(
            @namespace, $"rbac-binding-{index}",
            new("rbac.authorization.k8s.io", role.Namespace.Length == 0 ? "ClusterRole" : "Role", name),
            [.. Enumerable.Range(0, random.Below(4)).Select(_ => Subject(random, @namespace))]);
    }

    private static RbacSubject Subject(Dice random, string bindingNamespace) => random.Below(3) switch
    {
        0 => new("User", "rbac.authorization.k8s.io", "", random.One(Users)),
        1 => new("Group", "rbac.authorization.k8s.io", "", random.One(UserGroups)),
        _ => new("ServiceAccount", "",
            bindingNamespace.Length > 0 && random.Below(2) == 0 ? "" : random.One("rbac-a", "rbac-b"), "robot"),
    };

    private static AccessQuestion Question(Dice random)
    {
        var user = new UserInfo
        {
            Name = random.One(Users),
            Groups = [.. UserGroups.Where(_ => random.Below(3) == 0), WellKnownGroups.Authenticated],
        };
        if (random.Below(5) == 0)
            return new() { User = user, IsResource = false, Verb = random.One(Verbs), Path = random.One(AskedPaths) };
        return new()
        {
            User = user,
            IsResource = true,
            Verb = random.One(Verbs),
            Group = random.One(Groups),
            Version = "v1",
            Resource = random.One(AskedResources),
            Subresource = random.One(Subresources),
            Namespace = random.One(["", .. Namespaces]),
            Name = random.One(["", "", .. Names]),
        };
    }

    private static JsonObject Metadata(string @namespace, string name) => @namespace.Length == 0
        ? new() { ["name"] = name }
        : new() { ["namespace"] = @namespace, ["name"] = name };

    private static JsonObject ToJson(PolicyRule rule)
    {
        var json = new JsonObject { ["verbs"] = Texts(rule.Verbs) };
        if (rule.Paths.Length > 0)
        {
            json["nonResourceURLs"] = Texts(rule.Paths);
            return json;
        }

        json["apiGroups"] = Texts(rule.Groups);
        json["resources"] = Texts(rule.Resources);
        if (rule.ResourceNames.Length > 0)
            json["resourceNames"] = Texts(rule.ResourceNames);
        return json;
    }

    private static JsonObject ToJson(RbacSubject subject)
    {
        var json = new JsonObject { ["kind"] = subject.Kind, ["name"] = subject.Name };
        if (subject.Group.Length > 0)
            json["apiGroup"] = subject.Group;
        if (subject.Namespace.Length > 0)
            json["namespace"] = subject.Namespace;
        return json;
    }

    private static JsonArray Texts(ImmutableArray<string> values) => new([.. values.Select(value => JsonValue.Create(value))]);

    /// <summary>A generator whose sequence is written down here, so that no runtime may change it (xorshift32).</summary>
    private sealed class Dice(uint seed)
    {
        private uint _state = (seed * 2654435761u) | 1u;

        public int Below(int limit)
        {
            _state ^= _state << 13;
            _state ^= _state >> 17;
            _state ^= _state << 5;
            return (int)((_state >> 3) % (uint)limit);
        }

        public string One(params ReadOnlySpan<string> values) => values[Below(values.Length)];

        public ImmutableArray<string> Some(string[] values)
        {
            var count = 1 + Below(3);
            var chosen = ImmutableArray.CreateBuilder<string>();
            while (chosen.Count < count)
            {
                var value = values[Below(values.Length)];
                if (!chosen.Contains(value))
                    chosen.Add(value);
            }

            return chosen.ToImmutable();
        }
    }
}
