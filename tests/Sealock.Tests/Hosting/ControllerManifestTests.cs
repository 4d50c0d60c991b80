// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Hosting;

namespace Sealock.Tests.Hosting;

public sealed class ControllerManifestTests
{
    private static List<JsonObject> Read(string yaml)
    {
        Assert.True(YamlReader.TryReadAll(yaml, out var documents, out var error), error);
        return [.. documents.OfType<JsonObject>()];
    }

    private static string[] Named(IEnumerable<JsonObject> objects, string kind) =>
        [.. objects.Where(one => (string?)one["kind"] == kind).Select(one => $"{one["metadata"]!["namespace"]}/{one["metadata"]!["name"]}")];

    [Fact]
    public void Everything_that_is_granted_is_bound_to_the_one_account()
    {
        var objects = Read(ControllerManifest.Access("", "cert-manager"));
        Assert.Equal(["sealock-system/sealock-controller"], Named(objects, "ServiceAccount"));
        Assert.Equal(["/sealock:controller", "/sealock:controller-in-namespace"], Named(objects, "ClusterRoleBinding"));
        Assert.Equal(["sealock-system/sealock:leader-election"], Named(objects, "RoleBinding"));
        Assert.All(
            objects.Where(one => one["subjects"] is not null),
            binding => Assert.Equal("""[{"kind":"ServiceAccount","namespace":"sealock-system","name":"sealock-controller"}]""", binding["subjects"]!.ToJsonString()));
    }

    [Fact]
    public void In_one_namespace_secrets_are_granted_there_and_where_cluster_issuers_have_theirs()
    {
        var objects = Read(ControllerManifest.Access("team", "pki"));
        Assert.Equal(["/sealock:controller"], Named(objects, "ClusterRoleBinding"));
        Assert.Equal(
            ["team/sealock:controller-in-namespace", "pki/sealock:controller-in-namespace", "sealock-system/sealock:leader-election"],
            Named(objects, "RoleBinding"));
        var cluster = objects.Single(one => (string?)one["kind"] == "ClusterRole" && (string?)one["metadata"]!["name"] == "sealock:controller");
        Assert.DoesNotContain("secrets", cluster.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains("--namespace=team", objects.Single(one => (string?)one["kind"] == "Deployment").ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Nobody_gets_everything()
    {
        var rules = Read(ControllerManifest.Access("", "cert-manager")).SelectMany(one => one["rules"]?.AsArray() ?? []).Select(rule => rule!);
        Assert.All(rules, rule => Assert.All(
            ["verbs", "apiGroups", "resources"], field => Assert.DoesNotContain("*", rule[field]!.AsArray().Select(value => (string?)value))));
    }

    [Fact]
    public void The_definitions_are_one_document_each()
    {
        var objects = Read(ControllerManifest.CustomResources());
        Assert.All(objects, one => Assert.Equal("CustomResourceDefinition", (string?)one["kind"]));
        Assert.Contains("/certificates.cert-manager.io", Named(objects, "CustomResourceDefinition"));
    }
}
