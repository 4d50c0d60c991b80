// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Support;

namespace Sealock.Tests.Authorization;

public sealed class EscalationTests
{
    private const string PodReader =
        """{"metadata":{"name":"r"},"rules":[{"verbs":["get","list"],"apiGroups":[""],"resources":["pods","pods/log"]}]}""";

    private const string BindsReader =
        """{"metadata":{"name":"b"},"roleRef":{"kind":"ClusterRole","name":"reader"},"subjects":[{"kind":"User","name":"joe"}]}""";

    // held verbs|groups|resources|names, wanted the same, covered?
    public static TheoryData<string, string, bool> Covers => new()
    {
        { "get||pods|", "get||pods|", true },
        { "get,list||pods|", "get,list||pods,secrets|", false },
        { "*|*|*|", "get,list|apps|deployments/scale|x", true },
        { "get||pods|", "*||pods|", false },
        { "get||*|", "get||pods/exec|", true },
        { "get||*/exec|", "get||pods/exec|", true },
        { "get||*/exec|", "get||pods|", false },
        { "get||pods|a,b", "get||pods|a", true },
        { "get||pods|a", "get||pods|", false },
        { "get||pods|", "get||pods|a", true },
        { "get||pods|a", "get||pods|a,b", false },
        { "get||pods/*|", "get||pods/exec|", false },
        { "get||pods/*|", "get||pods/*|", true },
        { "get|*|pods|", "get|apps|pods|", true },
        { "get|apps|pods|", "get|*|pods|", false },
        { "get||*/exec/x|", "get||pods/exec/x|", true },
    };

    public static TheoryData<string, string, bool> CoversPaths => new()
    {
        { "/a", "/a", true },
        { "/a/*", "/a/b", true },
        { "/a/*", "/a/*", true },
        { "/a/*", "/a*", false },
        { "*", "/a/*", true },
        { "/a/*", "/a", false },
    };

    [Theory]
    [MemberData(nameof(Covers))]
    public void Held_rules_cover_wanted_rules_as_in_kube_apiserver(string held, string wanted, bool covered) =>
        Assert.Equal(covered, RuleCover.Missing([Rule(held)], [Rule(wanted)]).Count == 0);

    [Theory]
    [MemberData(nameof(CoversPaths))]
    public void Held_paths_cover_wanted_paths_as_in_kube_apiserver(string held, string wanted, bool covered) =>
        Assert.Equal(covered, RuleCover.Missing(
            [new PolicyRule { Verbs = ["get"], Paths = [held] }], [new PolicyRule { Verbs = ["get"], Paths = [wanted] }]).Count == 0);

    [Fact]
    public void Rights_spread_over_several_held_rules_cover_together() => Assert.Empty(RuleCover.Missing(
        [Rule("get||pods|"), Rule("list||pods|"), Rule("get,list||secrets|")], [Rule("get,list||pods,secrets|")]));

    [Fact]
    public void A_role_with_rights_that_the_user_lacks_is_refused_in_kube_apiserver_s_words()
    {
        var run = new RbacRun().Holding("", Rule("get||pods|"));
        Assert.Equal(
            """
            clusterroles.rbac.authorization.k8s.io "r" is forbidden: user "jane" (groups=["system:authenticated"]) is attempting to grant RBAC permissions not currently held:
            {APIGroups:[""], Resources:["pods"], Verbs:["list"]}
            {APIGroups:[""], Resources:["pods/log"], Verbs:["get" "list"]}
            """.ReplaceLineEndings("\n"),
            run.Try("clusterroles", PodReader));
    }

    [Fact]
    public void Missing_roles_of_the_user_are_told_along()
    {
        var run = new RbacRun().With(new RbacBinding("", "b", RbacDecisionTests.ClusterRole("gone"), [RbacDecisionTests.User("jane")]));
        Assert.EndsWith(
            "; resolution errors: [clusterroles.rbac.authorization.k8s.io \"gone\" not found]",
            run.Try("clusterroles", PodReader), StringComparison.Ordinal);
    }

    [Fact]
    public void A_role_with_rights_that_the_user_holds_is_taken() =>
        Assert.Null(new RbacRun().Holding("", Rule("*||*|")).Try("clusterroles", PodReader));

    [Fact]
    public void Members_of_system_masters_grant_anything() => Assert.Null(
        new RbacRun { User = new UserInfo { Name = "root", Groups = [WellKnownGroups.Masters] } }.Try("clusterroles", PodReader));

    [Fact]
    public void Who_may_escalate_grants_anything()
    {
        Assert.Null(new RbacRun().Holding("", Rule("escalate|rbac.authorization.k8s.io|clusterroles|")).Try("clusterroles", PodReader));
        // A creation names no object in its URL, so a right on one name does not help there, but on its update.
        var named = new RbacRun().Holding("", Rule("escalate|rbac.authorization.k8s.io|clusterroles|r"));
        Assert.NotNull(named.Try("clusterroles", PodReader));
        Assert.Null(named.Try("clusterroles", PodReader, """{"metadata":{"name":"r"},"rules":[]}"""));
    }

    [Fact]
    public void Rights_held_in_a_namespace_can_be_granted_there_and_nowhere_else()
    {
        var run = new RbacRun().Holding("a", Rule("*||*|"));
        var role = PodReader.Replace("""{"name":"r"}""", """{"name":"r","namespace":"a"}""", StringComparison.Ordinal);
        Assert.Null(run.Try("roles", role));
        Assert.NotNull(run.Try("roles", role.Replace("\"a\"", "\"b\"", StringComparison.Ordinal)));
        Assert.NotNull(run.Try("clusterroles", PodReader));
    }

    [Fact]
    public void Aggregation_takes_the_rights_of_a_cluster_admin()
    {
        const string aggregate =
            """{"metadata":{"name":"r"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"a":"b"}}]},"rules":[]}""";
        Assert.Equal(
            "clusterroles.rbac.authorization.k8s.io \"r\" is forbidden: must have cluster-admin privileges to use the aggregationRule",
            new RbacRun().Holding("", Rule("get|*|*|")).Try("clusterroles", aggregate));
        Assert.Null(new RbacRun().Holding("", Rule("*|*|*|"), new PolicyRule { Verbs = ["*"], Paths = ["*"] })
            .Try("clusterroles", aggregate));
    }

    [Fact]
    public void A_binding_needs_the_role_s_rights_or_the_right_to_bind_it()
    {
        var reader = new RbacRole("", "reader", [Rule("get||pods|")]);
        Assert.Contains(
            "is attempting to grant RBAC permissions not currently held",
            new RbacRun().With(reader).Try("clusterrolebindings", BindsReader), StringComparison.Ordinal);
        Assert.Null(new RbacRun().With(reader).Holding("", Rule("get||pods|")).Try("clusterrolebindings", BindsReader));
        Assert.Null(new RbacRun().With(reader).Holding("", Rule("bind|rbac.authorization.k8s.io|clusterroles|reader"))
            .Try("clusterrolebindings", BindsReader));
        Assert.NotNull(new RbacRun().With(reader).Holding("", Rule("bind|rbac.authorization.k8s.io|clusterroles|other"))
            .Try("clusterrolebindings", BindsReader));
        Assert.Equal(
            "clusterroles.rbac.authorization.k8s.io \"reader\" not found",
            new RbacRun().Try("clusterrolebindings", BindsReader));
    }

    [Fact]
    public void The_garbage_collector_may_change_owners_and_finalizers_of_roles_it_could_not_grant()
    {
        var owned = PodReader.Replace(
            """{"name":"r"}""", """{"name":"r","finalizers":["x/y"],"ownerReferences":[{"name":"o"}]}""", StringComparison.Ordinal);
        Assert.Null(new RbacRun().Try("clusterroles", owned, PodReader));
        Assert.NotNull(new RbacRun().Try("clusterroles", owned.Replace("list", "watch", StringComparison.Ordinal), PodReader));
    }

    [Fact]
    public void Rules_that_multiply_to_a_great_many_rights_are_refused_at_once()
    {
        var wanted = new PolicyRule
        {
            Verbs = Many(100),
            Groups = Many(100),
            Resources = Many(100),
            ResourceNames = Many(100),
        };
        var json = RbacQuestions.ToJson(new RbacRole("", "r", [wanted])).ToJsonString();
        Assert.Contains("split the role", new RbacRun().Try("clusterroles", json), StringComparison.Ordinal);

        static ImmutableArray<string> Many(int count) => [.. Enumerable.Range(0, count).Select(i => $"x{i}")];
    }

    [Fact]
    public void Whatever_held_rules_cover_they_also_allow()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var (roles, _, questions) = RbacQuestions.Generate(seed, questions: 150);
            var rules = roles.SelectMany(role => role.Rules).ToImmutableArray();
            foreach (var (held, wanted) in rules.Zip(rules.Skip(1)).Where(pair => RuleCover.Missing([pair.First], [pair.Second]).Count == 0))
            {
                Assert.All(questions, question => Assert.True(!Allows(wanted, question) || Allows(held, question)));
            }
        }

        static bool Allows(PolicyRule rule, AccessQuestion question) => RbacSnapshot.Compile(
            [new RbacRole("", "r", [rule])],
            [new RbacBinding("", "b", RbacDecisionTests.ClusterRole("r"), [RbacDecisionTests.User(question.User.Name)])])
            .Decide(question).Allowed;
    }

    internal static PolicyRule Rule(string text)
    {
        var parts = text.Split('|');
        return new PolicyRule
        {
            Verbs = [.. parts[0].Split(',')],
            Groups = [.. parts[1].Split(',')],
            Resources = [.. parts[2].Split(',')],
            ResourceNames = parts[3].Length == 0 ? [] : [.. parts[3].Split(',')],
        };
    }
}
