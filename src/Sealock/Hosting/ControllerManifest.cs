// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Controllers.CustomResources;
using Sealock.Gateway.Bootstrap;

namespace Sealock.Hosting;

/// <summary>What a cluster needs for <c>sealock controller</c> to run in it, as YAML.</summary>
internal static class ControllerManifest
{
    private const string Home = "sealock-system";
    private const string Account = "sealock-controller";
    private const string Rbac = "rbac.authorization.k8s.io";

    /// <summary>The CustomResourceDefinitions.</summary>
    public static string CustomResources() => Documents(CustomResource.All());

    /// <summary>
    /// Service account, roles, bindings and a Deployment. With a namespace, what concerns namespaces is granted in that one
    /// and where ClusterIssuers have their Secrets.
    /// </summary>
    public static string Access(string @namespace, string clusterResourceNamespace)
    {
        string[] namespaces = @namespace.Length == 0 ? [] : [.. new[] { @namespace, clusterResourceNamespace }.Distinct(StringComparer.Ordinal)];
        return Documents(
        [
            Object("v1", "Namespace", "", Home),
            Object("v1", "ServiceAccount", Home, Account),
            Role("ClusterRole", "", "sealock:controller", IssuancePolicy.ClusterRules),
            Binding("ClusterRoleBinding", "", "sealock:controller", "ClusterRole"),
            Role("ClusterRole", "", "sealock:controller-in-namespace", IssuancePolicy.NamespacedRules),
            .. namespaces.Length == 0
                ? [Binding("ClusterRoleBinding", "", "sealock:controller-in-namespace", "ClusterRole")]
                : namespaces.Select(name => Binding("RoleBinding", name, "sealock:controller-in-namespace", "ClusterRole")),
            Role("Role", Home, "sealock:leader-election", IssuancePolicy.LeaderRules),
            Binding("RoleBinding", Home, "sealock:leader-election", "Role"),
            .. IssuancePolicy.PeopleRoles.Select(role => Complete(role, Rbac + "/v1")),
            Deployment(@namespace, clusterResourceNamespace),
        ]);
    }

    private static string Documents(IEnumerable<JsonObject> objects)
    {
        var text = new StringBuilder();
        foreach (var document in objects)
            text.Append("---\n").Append(YamlWriter.WriteInOrder(document));
        return text.ToString();
    }

    private static JsonObject Object(string apiVersion, string kind, string @namespace, string name)
    {
        var metadata = new JsonObject { ["name"] = name };
        if (@namespace.Length > 0)
            metadata["namespace"] = @namespace;
        return new JsonObject { ["apiVersion"] = apiVersion, ["kind"] = kind, ["metadata"] = metadata };
    }

    private static JsonObject Role(string kind, string @namespace, string name, IEnumerable<JsonObject> rules)
    {
        var role = Object(Rbac + "/v1", kind, @namespace, name);
        role["rules"] = new JsonArray([.. rules]);
        return role;
    }

    private static JsonObject Binding(string kind, string @namespace, string name, string roleKind)
    {
        var binding = Object(Rbac + "/v1", kind, @namespace, name);
        binding["roleRef"] = new JsonObject { ["apiGroup"] = Rbac, ["kind"] = roleKind, ["name"] = name };
        binding["subjects"] = new JsonArray(new JsonObject { ["kind"] = "ServiceAccount", ["namespace"] = Home, ["name"] = Account });
        return binding;
    }

    private static JsonObject Complete(JsonObject @object, string apiVersion)
    {
        var complete = new JsonObject { ["apiVersion"] = apiVersion };
        foreach (var (name, value) in @object)
            complete[name] = value?.DeepClone();
        return complete;
    }

    private static JsonObject Deployment(string @namespace, string clusterResourceNamespace)
    {
        JsonArray arguments =
        [
            "controller", "--controllers=issuance,revocation,trust", $"--leader-election-namespace={Home}",
            $"--cluster-resource-namespace={clusterResourceNamespace}", "--metrics-bind-address=0.0.0.0:9402",
            "--acme-http01-solver-address=$(POD_IP)",
        ];
        if (@namespace.Length > 0)
            arguments.Add((JsonNode)$"--namespace={@namespace}");
        var deployment = Object("apps/v1", "Deployment", Home, Account);
        deployment["spec"] = new JsonObject
        {
            ["replicas"] = 2,
            ["selector"] = new JsonObject { ["matchLabels"] = Labels() },
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["labels"] = Labels() },
                ["spec"] = new JsonObject
                {
                    ["serviceAccountName"] = Account,
                    ["securityContext"] = new JsonObject
                    {
                        ["runAsNonRoot"] = true,
                        ["runAsUser"] = 65532,
                        ["seccompProfile"] = new JsonObject { ["type"] = "RuntimeDefault" },
                    },
                    ["containers"] = new JsonArray(Container(arguments)),
                    ["volumes"] = new JsonArray(new JsonObject { ["name"] = "tmp", ["emptyDir"] = new JsonObject { ["medium"] = "Memory" } }),
                },
            },
        };
        return deployment;
    }

    private static JsonObject Container(JsonArray arguments) => new()
    {
        ["name"] = "controller",
        ["image"] = $"registry.example.com/sealock:{ProductVersion.Short}",
        ["args"] = arguments,
        ["env"] = new JsonArray(new JsonObject
        {
            ["name"] = "POD_IP",
            ["valueFrom"] = new JsonObject { ["fieldRef"] = new JsonObject { ["fieldPath"] = "status.podIP" } },
        }),
        ["ports"] = new JsonArray(
            new JsonObject { ["name"] = "metrics", ["containerPort"] = 9402 }, new JsonObject { ["name"] = "acme", ["containerPort"] = 8089 }),
        ["livenessProbe"] = Probe("/livez"),
        ["readinessProbe"] = Probe("/readyz"),
        ["resources"] = new JsonObject
        {
            ["requests"] = new JsonObject { ["cpu"] = "50m", ["memory"] = "96Mi" },
            ["limits"] = new JsonObject { ["memory"] = "512Mi" },
        },
        ["securityContext"] = new JsonObject
        {
            ["allowPrivilegeEscalation"] = false,
            ["readOnlyRootFilesystem"] = true,
            ["capabilities"] = new JsonObject { ["drop"] = new JsonArray("ALL") },
        },
        ["volumeMounts"] = new JsonArray(new JsonObject { ["name"] = "tmp", ["mountPath"] = "/tmp" }),
    };

    private static JsonObject Probe(string path) => new()
    {
        ["httpGet"] = new JsonObject { ["scheme"] = "HTTPS", ["port"] = 9402, ["path"] = path },
        ["periodSeconds"] = 10,
        ["timeoutSeconds"] = 5,
    };

    private static JsonObject Labels() => new() { ["app.kubernetes.io/name"] = Account };
}
