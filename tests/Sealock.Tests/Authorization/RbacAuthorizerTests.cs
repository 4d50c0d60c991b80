// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using Sealock.Tests.Support;

namespace Sealock.Tests.Authorization;

public sealed class RbacAuthorizerTests
{
    [Fact]
    public void Changes_one_by_one_lead_to_the_same_decisions_as_compiling_what_is_left()
    {
        var (roles, bindings, questions) = RbacQuestions.Generate(11, questions: 1000);
        var (others, otherBindings, _) = RbacQuestions.Generate(12, questions: 0);
        var authorizer = new RbacAuthorizer();
        foreach (var role in others.Concat(roles))
            authorizer.Put(role.Namespace.Length == 0 ? "clusterroles" : "roles", RbacQuestions.ToJson(role));
        foreach (var binding in otherBindings.Concat(bindings))
            authorizer.Put(Plural(binding), RbacQuestions.ToJson(binding));
        // Objects of the second seed share names with the first but may live elsewhere: those are removed.
        foreach (var role in others.Where(role => !roles.Any(kept => (kept.Namespace, kept.Name) == (role.Namespace, role.Name))))
            authorizer.Remove(role.Namespace.Length == 0 ? "clusterroles" : "roles", role.Namespace, role.Name);
        foreach (var binding in otherBindings.Where(
            binding => !bindings.Any(kept => (kept.Namespace, kept.Name) == (binding.Namespace, binding.Name))))
        {
            authorizer.Remove(Plural(binding), binding.Namespace, binding.Name);
        }

        var reference = new ReferenceRbac(roles, bindings);
        Assert.All(questions, question => Assert.Equal(reference.Allows(question), authorizer.Authorize(question).Allowed));
    }

    [Fact]
    public void A_changed_role_holds_at_once_for_every_binding_that_refers_to_it()
    {
        var authorizer = new RbacAuthorizer();
        authorizer.Replace(RbacSnapshot.Compile(
            [], [new RbacBinding("n", "b", RbacDecisionTests.ClusterRole("r"), [RbacDecisionTests.User("jane")])]));
        var question = new AccessQuestion
        {
            User = RbacDecisionTests.Jane,
            IsResource = true,
            Verb = "get",
            Resource = "pods",
            Namespace = "n",
        };
        Assert.False(authorizer.Authorize(question).Allowed);
        authorizer.Put("clusterroles", RbacQuestions.ToJson(new RbacRole("", "r", [RbacDecisionTests.ReadPods])));
        Assert.True(authorizer.Authorize(question).Allowed);
        authorizer.Remove("clusterroles", "", "r");
        Assert.False(authorizer.Authorize(question).Allowed);
    }

    [Fact]
    public void The_rules_of_a_user_are_listed_once_per_binding_with_what_is_missing()
    {
        var authorizer = new RbacAuthorizer();
        authorizer.Replace(RbacSnapshot.Compile(
            [new RbacRole("", "r", [RbacDecisionTests.ReadPods, new PolicyRule { Verbs = ["get"], Paths = ["/x"] }])],
            [
                new RbacBinding("", "b", RbacDecisionTests.ClusterRole("r"),
                    [RbacDecisionTests.User("jane"), new("Group", "", "", WellKnownGroups.Authenticated)]),
                new RbacBinding("n", "b", RbacDecisionTests.ClusterRole("gone"), [RbacDecisionTests.User("jane")]),
            ]));
        var rules = authorizer.RulesFor(RbacDecisionTests.Jane, "n");
        Assert.Equal("pods", Assert.Single(Assert.Single(rules.Resources).Resources));
        Assert.Equal("/x", Assert.Single(Assert.Single(rules.Paths).Paths));
        Assert.Equal("clusterrole.rbac.authorization.k8s.io \"gone\" not found", rules.EvaluationError);
    }

    [Theory]
    [InlineData("""{"metadata":{"name":"x"}}""")]
    [InlineData("""{"metadata":null,"rules":null,"subjects":null,"roleRef":null}""")]
    [InlineData("""{"metadata":[],"rules":[1,"a",null,{"verbs":[1,null]}],"subjects":{},"roleRef":"x"}""")]
    public void Objects_of_a_wrong_shape_grant_nothing_and_throw_nothing(string json)
    {
        var authorizer = new RbacAuthorizer();
        foreach (var plural in (string[])["roles", "clusterroles", "rolebindings", "clusterrolebindings"])
            authorizer.Put(plural, System.Text.Json.Nodes.JsonNode.Parse(json)!.AsObject());
        Assert.Empty(authorizer.RulesFor(RbacDecisionTests.Jane, "").Resources);
    }

    private static string Plural(RbacBinding binding) =>
        binding.Namespace.Length == 0 ? "clusterrolebindings" : "rolebindings";
}
