// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Support;

namespace Sealock.Tests.Authorization;

public sealed class RbacDecisionTests
{
    // verbs | groups | resources | names | asked verb, group, resource, subresource, name | allowed
    public static TheoryData<string, string, bool> ResourceCases => new()
    {
        { "get||pods|", "get||pods||", true },
        { "get||pods|", "get||pods||x", true },
        { "get||pods|", "list||pods||", false },
        { "*||pods|", "frobnicate||pods||", true },
        { "get|*|pods|", "get|metrics.k8s.io|pods||", true },
        { "get||pods|", "get|metrics.k8s.io|pods||", false },
        { "get|apps|pods|", "get||pods||", false },
        { "get||*|", "get||pods|exec|", true },
        { "get||pods|", "get||pods|exec|", false },
        { "get||pods/exec|", "get||pods|exec|", true },
        { "get||pods/exec|", "get||pods||", false },
        { "get||pods/*|", "get||pods||", false },
        { "get||pods/*|", "get||pods|exec|", false },
        { "get||pods/*|", "get||pods|*|", true },
        { "get||*/exec|", "get||pods|exec|", true },
        { "get||*/exec|", "get||pods|execs|", false },
        { "get||*/exec|", "get||pods||", false },
        { "get||*/exec|", "get||pods/exec||", false },
        { "get||pods/exec|", "get||pods/exec||", true },
        { "get||Pods|", "get||pods||", false },
        { "get||pods|a,b", "get||pods||a", true },
        { "get||pods|a,b", "get||pods||c", false },
        { "create||pods|a", "create||pods||", false },
        { "list||pods|a", "list||pods||", false },
        { "list||pods|a", "list||pods||a", true },
        { "approve|certificates.k8s.io|signers|example.org/*", "approve|certificates.k8s.io|signers||example.org/x", false },
        { "approve|certificates.k8s.io|signers|example.org/*", "approve|certificates.k8s.io|signers||example.org/*", true },
    };

    public static TheoryData<string, string, bool> PathCases => new()
    {
        { "/healthz", "/healthz", true },
        { "/healthz", "/healthz/", false },
        { "/healthz/*", "/healthz", false },
        { "/healthz/*", "/healthz/", true },
        { "/healthz*", "/healthzy", true },
        { "/a**", "/ab", true },
        { "*", "/anything", true },
        { "/a*b", "/axb", false },
    };

    [Theory]
    [MemberData(nameof(ResourceCases))]
    public void A_rule_on_resources_allows_what_kube_apiserver_allows(string rule, string question, bool allowed)
    {
        var parts = rule.Split('|');
        var asked = question.Split('|');
        var snapshot = Bound(new PolicyRule
        {
            Verbs = [parts[0]],
            Groups = [parts[1]],
            Resources = [parts[2]],
            ResourceNames = parts[3].Length == 0 ? [] : [.. parts[3].Split(',')],
        });
        Assert.Equal(allowed, snapshot.Decide(new AccessQuestion
        {
            User = Jane,
            IsResource = true,
            Verb = asked[0],
            Group = asked[1],
            Resource = asked[2],
            Subresource = asked[3],
            Name = asked[4],
            Namespace = "default",
        }).Allowed);
    }

    [Theory]
    [MemberData(nameof(PathCases))]
    public void A_rule_on_paths_allows_exact_paths_and_prefixes(string pattern, string path, bool allowed) =>
        Assert.Equal(allowed, Bound(new PolicyRule { Verbs = ["get"], Paths = [pattern] }).Decide(Get(Jane, path)).Allowed);

    [Fact]
    public void Paths_are_granted_by_cluster_wide_bindings_alone()
    {
        var snapshot = RbacSnapshot.Compile(
            [new RbacRole("", "paths", [new PolicyRule { Verbs = ["get"], Paths = ["*"] }])],
            [new RbacBinding("default", "b", ClusterRole("paths"), [User("jane")])]);
        Assert.False(snapshot.Decide(Get(Jane, "/metrics")).Allowed);
    }

    [Fact]
    public void A_role_binding_grants_in_its_own_namespace_only()
    {
        var snapshot = RbacSnapshot.Compile(
            [new RbacRole("a", "reader", [ReadPods])],
            [new RbacBinding("a", "b", new("rbac.authorization.k8s.io", "Role", "reader"), [User("jane")])]);
        Assert.True(snapshot.Decide(GetPods(Jane, "a")).Allowed);
        Assert.False(snapshot.Decide(GetPods(Jane, "b")).Allowed);
        Assert.False(snapshot.Decide(GetPods(Jane, "")).Allowed);
    }

    [Fact]
    public void A_service_account_without_a_namespace_belongs_to_the_binding_s()
    {
        var snapshot = RbacSnapshot.Compile(
            [new RbacRole("", "reader", [ReadPods])],
            [
                new RbacBinding("a", "b", ClusterRole("reader"), [new("ServiceAccount", "", "", "robot")]),
                new RbacBinding("", "c", ClusterRole("reader"), [new("ServiceAccount", "", "", "ghost")]),
            ]);
        Assert.True(snapshot.Decide(GetPods(UserInfo.ServiceAccount("a", "robot"), "a")).Allowed);
        Assert.False(snapshot.Decide(GetPods(UserInfo.ServiceAccount("b", "robot"), "a")).Allowed);
        Assert.False(snapshot.Decide(GetPods(UserInfo.ServiceAccount("a", "ghost"), "a")).Allowed);
    }

    [Fact]
    public void The_reason_names_binding_role_and_the_first_subject_that_applies()
    {
        var snapshot = RbacSnapshot.Compile(
            [new RbacRole("", "reader", [ReadPods]), new RbacRole("a", "local", [ReadPods])],
            [
                new RbacBinding("", "everywhere", ClusterRole("reader"), [new("Group", "", "", "devs"), User("jane")]),
                new RbacBinding("a", "here", new("", "Role", "local"), [new("ServiceAccount", "", "", "robot")]),
            ]);
        Assert.Equal(
            "RBAC: allowed by ClusterRoleBinding \"everywhere\" of ClusterRole \"reader\" to User \"jane\"",
            snapshot.Decide(GetPods(Jane, "x")).Reason);
        Assert.Equal(
            "RBAC: allowed by ClusterRoleBinding \"everywhere\" of ClusterRole \"reader\" to Group \"devs\"",
            snapshot.Decide(GetPods(Jane with { Groups = ["devs"] }, "x")).Reason);
        Assert.Equal(
            "RBAC: allowed by RoleBinding \"here/a\" of Role \"local\" to ServiceAccount \"robot/a\"",
            snapshot.Decide(GetPods(UserInfo.ServiceAccount("a", "robot"), "a")).Reason);
    }

    [Fact]
    public void Missing_roles_are_reported_and_do_not_stand_in_the_way()
    {
        var bindings = new[]
        {
            new RbacBinding("", "a", ClusterRole("gone"), [User("jane"), new("Group", "", "", "devs")]),
            new RbacBinding("n", "b", new("", "Role", "lost"), [User("jane")]),
        };
        var asked = GetPods(Jane with { Groups = ["devs"] }, "n");
        var decision = RbacSnapshot.Compile([], bindings).Decide(asked);
        Assert.False(decision.Allowed);
        Assert.Equal(
            "RBAC: [clusterrole.rbac.authorization.k8s.io \"gone\" not found, role.rbac.authorization.k8s.io \"lost\" not found]",
            decision.Reason);
        Assert.Equal(
            "RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found",
            RbacSnapshot.Compile([], bindings).Decide(asked with { Namespace = "" }).Reason);
        Assert.True(RbacSnapshot.Compile([new RbacRole("n", "lost", [ReadPods])], bindings).Decide(asked).Allowed);
    }

    [Fact]
    public void Members_of_system_masters_are_allowed_everything_without_a_rule()
    {
        var decision = new RbacAuthorizer().Authorize(
            GetPods(Jane with { Groups = [WellKnownGroups.Masters] }, "default"));
        Assert.Equal(new AccessDecision(true, ""), decision);
    }

    [Fact]
    public void The_compiled_rules_agree_with_the_reference_on_random_questions()
    {
        for (var seed = 1; seed <= 40; seed++)
        {
            var (roles, bindings, questions) = RbacQuestions.Generate(seed, questions: 500);
            var reference = new ReferenceRbac(roles, bindings);
            var compiled = RbacSnapshot.Compile(roles, bindings);
            foreach (var question in questions)
                Assert.Equal(reference.Allows(question), compiled.Decide(question).Allowed);
        }
    }

    [Fact]
    public void A_tenth_or_more_of_the_random_questions_is_allowed_and_a_tenth_or_more_is_not()
    {
        var (roles, bindings, questions) = RbacQuestions.Generate(7);
        var compiled = RbacSnapshot.Compile(roles, bindings);
        var allowed = questions.Count(question => compiled.Decide(question).Allowed);
        Assert.InRange(allowed, questions.Length / 10, questions.Length * 9 / 10);
    }

    internal static UserInfo Jane { get; } = new() { Name = "jane", Groups = [WellKnownGroups.Authenticated] };

    internal static PolicyRule ReadPods { get; } = new() { Verbs = ["get"], Groups = [""], Resources = ["pods"] };

    internal static RoleReference ClusterRole(string name) => new(RbacAuthorizer.ApiGroup, "ClusterRole", name);

    internal static RbacSubject User(string name) => new("User", RbacAuthorizer.ApiGroup, "", name);

    private static RbacSnapshot Bound(params ImmutableArray<PolicyRule> rules) => RbacSnapshot.Compile(
        [new RbacRole("", "r", rules)], [new RbacBinding("", "b", ClusterRole("r"), [User("jane")])]);

    private static AccessQuestion Get(UserInfo user, string path) =>
        new() { User = user, IsResource = false, Verb = "get", Path = path };

    private static AccessQuestion GetPods(UserInfo user, string @namespace) =>
        new() { User = user, IsResource = true, Verb = "get", Resource = "pods", Namespace = @namespace };
}
