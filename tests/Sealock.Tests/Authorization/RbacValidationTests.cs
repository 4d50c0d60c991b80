// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;

namespace Sealock.Tests.Authorization;

public sealed class RbacValidationTests
{
    public static TheoryData<string, string, string?> Cases => new()
    {
        { "roles", """{"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""", null },
        { "roles", """{"rules":null}""", null },
        { "roles", """{"rules":[{"apiGroups":[""],"resources":["pods"]}]}""", "rules[0].verbs: Required value: verbs must contain at least one value" },
        { "roles", """{"rules":[{"verbs":["get"],"resources":["pods"]}]}""", "rules[0].apiGroups: Required value: resource rules must supply at least one api group" },
        { "roles", """{"rules":[{"verbs":["get"],"apiGroups":[""]}]}""", "rules[0].resources: Required value: resource rules must supply at least one resource" },
        { "roles", """{"rules":[{"verbs":["get"],"nonResourceURLs":["/x"]}]}""", """rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs""" },
        { "clusterroles", """{"rules":[{"verbs":["get"],"nonResourceURLs":["/x"],"resources":["pods"]}]}""", """rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs""" },
        { "clusterroles", """{"aggregationRule":{}}""", "aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil" },
        { "rolebindings", """{"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"x"},{"kind":"User","name":"y"}]}""", null },
        { "rolebindings", """{"roleRef":{"kind":"Role","name":"r","apiGroup":"x"}}""", """roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io" """ },
        { "rolebindings", """{"roleRef":{"kind":"Role","name":""}}""", "roleRef.name: Required value" },
        { "rolebindings", """{"roleRef":{"kind":"Role","name":"a/b"}}""", """roleRef.name: Invalid value: "a/b": may not contain '/'""" },
        { "rolebindings", """{"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"Robot","name":"x"}]}""", """subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group" """ },
        { "rolebindings", """{"roleRef":{"kind":"Rolle","name":"r"}}""", """roleRef.kind: Unsupported value: "Rolle": supported values: "Role", "ClusterRole" """ },
        { "clusterroles", """{"aggregationRule":{"clusterRoleSelectors":[{"matchExpressions":[{"key":"a","operator":"Like"}]}]}}""", """[aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator, aggregationRule.clusterRoleSelectors[0]: Invalid value: "null": invalid label selector.]""" },
        { "rolebindings", """{"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"","apiGroup":"x"}]}""", """[subjects[0].name: Required value, subjects[0].apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io"]""" },
        { "clusterrolebindings", """{"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"ServiceAccount","name":"x"}]}""", "subjects[0].namespace: Required value" },
        { "clusterrolebindings", """{"roleRef":{"kind":"Role","name":"r"}}""", """roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole" """ },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Roles_and_bindings_are_refused_in_kube_apiserver_s_words(string plural, string body, string? error)
    {
        var run = new RbacRun { User = new UserInfo { Name = "root", Groups = [WellKnownGroups.Masters] } };
        var json = """{"metadata":{"name":"n","namespace":"a"},""" + body[1..];
        var kind = RbacRun.Definition(plural).Kind;
        Assert.Equal(
            error is null ? null : $"{kind}.rbac.authorization.k8s.io \"n\" is invalid: {error.TrimEnd()}",
            run.Try(plural, json));
    }

    [Fact]
    public void The_role_of_a_binding_cannot_be_changed()
    {
        var run = new RbacRun { User = new UserInfo { Name = "root", Groups = [WellKnownGroups.Masters] } };
        const string before = """{"metadata":{"name":"n"},"roleRef":{"kind":"ClusterRole","name":"r","apiGroup":"rbac.authorization.k8s.io"}}""";
        Assert.Equal(
            """ClusterRoleBinding.rbac.authorization.k8s.io "n" is invalid: roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"ClusterRole","Name":"s"}: cannot change roleRef""",
            run.Try("clusterrolebindings", before.Replace("\"r\"", "\"s\"", StringComparison.Ordinal), before));
        Assert.Null(run.Try("clusterrolebindings", before, before));
    }
}
