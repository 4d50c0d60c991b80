// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Bootstrap;
using Sealock.Tests.Authorization;
using Sealock.Tests.Support;

namespace Sealock.Tests.Bootstrap;

public sealed class BootstrapPlanTests
{
    private const string Group = RbacAuthorizer.ApiGroup;

    [Fact]
    public void An_empty_server_gets_everything_and_then_nothing_more()
    {
        var objects = new ObjectsInMemory();
        Assert.All(Apply(objects), change => Assert.Equal(BootstrapAction.Create, change.Action));
        Assert.Empty(BootstrapPlan.Make(BootstrapPolicy.All(), objects));
    }

    [Fact]
    public void Every_object_of_the_policy_is_valid_and_named_once()
    {
        var all = BootstrapPolicy.All();
        Assert.Equal(all.Length, all.DistinctBy(item => (item.Plural, item.Namespace, item.Name)).Count());
        var run = new RbacRun { User = SealockPolicy.Server };
        Assert.All(all.Where(item => item.Group == Group), item => Assert.Null(run.Try(item.Plural, item.Object.ToJsonString())));
    }

    [Fact]
    public void Every_binding_finds_its_role()
    {
        var objects = new ObjectsInMemory();
        Apply(objects);
        foreach (var binding in BootstrapPolicy.All().Where(item => item.Object.ContainsKey("roleRef")))
        {
            var role = RoleReference.Read(binding.Object);
            var plural = role.Kind == "Role" ? "roles" : "clusterroles";
            Assert.NotNull(objects.Find(Group, plural, plural == "roles" ? binding.Namespace : "", role.Name));
        }
    }

    [Fact]
    public void Rules_that_were_removed_come_back_and_added_ones_stay()
    {
        var objects = Started();
        var role = objects.Find(Group, "clusterroles", "", "system:basic-user")!;
        role["rules"] = JsonNode.Parse("""[{"verbs":["get"],"apiGroups":["x"],"resources":["y"]}]""");
        objects.Put(Group, "clusterroles", role);
        var rules = RbacRole.Read(Assert.Single(Apply(objects)).Body).Rules;
        Assert.Equal("x", rules[0].Groups[0]);
        Assert.Equal(3, rules.Length - 1);
    }

    [Fact]
    public void Subjects_that_were_removed_come_back_and_added_ones_stay()
    {
        var objects = Started();
        var binding = objects.Find(Group, "clusterrolebindings", "", "system:discovery")!;
        binding["subjects"] = JsonNode.Parse("""[{"kind":"User","name":"joe","apiGroup":"rbac.authorization.k8s.io"}]""");
        objects.Put(Group, "clusterrolebindings", binding);
        Assert.Equal(
            "joe,system:authenticated",
            string.Join(',', RbacBinding.Read(Assert.Single(Apply(objects)).Body).Subjects.Select(subject => subject.Name)));
    }

    [Fact]
    public void A_binding_to_another_role_is_made_anew()
    {
        var objects = Started();
        var binding = objects.Find(Group, "clusterrolebindings", "", "system:discovery")!;
        binding["roleRef"]!["name"] = "cluster-admin";
        objects.Put(Group, "clusterrolebindings", binding);
        Assert.Equal(BootstrapAction.Recreate, Assert.Single(Apply(objects)).Action);
    }

    [Fact]
    public void Labels_come_back_and_a_changed_value_stays()
    {
        var objects = Started();
        var role = objects.Find(Group, "clusterroles", "", "view")!;
        role["metadata"]!["labels"] = JsonNode.Parse("""{"kubernetes.io/bootstrapping":"mine"}""");
        objects.Put(Group, "clusterroles", role);
        var labels = Assert.Single(Apply(objects)).Body["metadata"]!["labels"]!;
        Assert.Equal("mine", (string)labels["kubernetes.io/bootstrapping"]!);
        Assert.Equal("true", (string)labels["rbac.authorization.k8s.io/aggregate-to-edit"]!);
    }

    [Fact]
    public void Aggregated_rules_are_left_to_whoever_fills_them()
    {
        var objects = Started();
        var role = objects.Find(Group, "clusterroles", "", "admin")!;
        role["rules"] = JsonNode.Parse("""[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]""");
        objects.Put(Group, "clusterroles", role);
        Assert.Empty(Apply(objects));
    }

    [Fact]
    public void What_is_protected_is_left_alone()
    {
        var objects = Started();
        var binding = objects.Find(Group, "clusterrolebindings", "", "system:discovery")!;
        binding["roleRef"]!["name"] = "cluster-admin";
        binding["subjects"] = null;
        binding["metadata"]!["annotations"]!["rbac.authorization.kubernetes.io/autoupdate"] = "false";
        objects.Put(Group, "clusterrolebindings", binding);
        Assert.Empty(Apply(objects));
    }

    // Who | question: verb group resource[/sub] namespace name | allowed
    [Theory]
    [InlineData("anyone", "create authorization.k8s.io selfsubjectaccessreviews", true)]
    [InlineData("anyone", "create authentication.k8s.io selfsubjectreviews", true)]
    [InlineData("anyone", "get core secrets a x", false)]
    [InlineData("masters", "delete core nodes", true)]
    [InlineData("kubeadm:cluster-admins", "delete core nodes", true)]
    [InlineData("system:nodes", "create certificates.k8s.io certificatesigningrequests/selfnodeclient", true)]
    [InlineData("system:nodes", "create certificates.k8s.io certificatesigningrequests", true)]
    [InlineData("system:nodes", "get core secrets a x", false)]
    [InlineData("system:bootstrappers:kubeadm:default-node-token", "create certificates.k8s.io certificatesigningrequests/nodeclient", true)]
    [InlineData("system:bootstrappers:kubeadm:default-node-token", "get core nodes", true)]
    [InlineData("system:bootstrappers:kubeadm:default-node-token", "list core nodes", false)]
    [InlineData("sealock-certificate-controller", "sign certificates.k8s.io signers - example.org/x", true)]
    [InlineData("sealock-certificate-controller", "approve certificates.k8s.io signers - kubernetes.io/kubelet-serving", true)]
    [InlineData("sealock-certificate-controller", "approve certificates.k8s.io signers - kubernetes.io/kube-apiserver-client", false)]
    [InlineData("sealock-certificate-controller", "delete core secrets a x", false)]
    [InlineData("sealock-certificate-controller", "update coordination.k8s.io leases kube-system x", true)]
    [InlineData("sealock-certificate-controller", "update coordination.k8s.io leases a x", false)]
    [InlineData("sealock-housekeeper", "delete core pods a x", true)]
    [InlineData("sealock-housekeeper", "create rbac.authorization.k8s.io clusterrolebindings", false)]
    [InlineData("sealock-housekeeper", "escalate rbac.authorization.k8s.io clusterroles", false)]
    [InlineData("clusterrole-aggregation-controller", "escalate rbac.authorization.k8s.io clusterroles - x", true)]
    public void A_new_server_gives_these_rights(string who, string question, bool allowed)
    {
        var words = question.Split(' ');
        var resource = words[2].Split('/');
        var user = who switch
        {
            "anyone" => RbacDecisionTests.Jane,
            "masters" => RbacDecisionTests.Jane with { Groups = [WellKnownGroups.Masters] },
            _ when who.Contains(':', StringComparison.Ordinal) => RbacDecisionTests.Jane with { Groups = [who] },
            _ => UserInfo.ServiceAccount("kube-system", who),
        };
        var authorizer = new RbacAuthorizer();
        foreach (var item in BootstrapPolicy.All().Where(item => item.Group == Group))
            authorizer.Put(item.Plural, item.Object);
        Assert.Equal(allowed, authorizer.Authorize(new AccessQuestion
        {
            User = user,
            IsResource = true,
            Verb = words[0],
            Group = words[1] == "core" ? "" : words[1],
            Resource = resource[0],
            Subresource = resource.ElementAtOrDefault(1) ?? "",
            Namespace = words.ElementAtOrDefault(3) is { } @namespace and not "-" ? @namespace : "",
            Name = words.ElementAtOrDefault(4) ?? "",
        }).Allowed);
    }

    private static ObjectsInMemory Started()
    {
        var objects = new ObjectsInMemory();
        Apply(objects);
        return objects;
    }

    private static List<BootstrapChange> Apply(ObjectsInMemory objects)
    {
        var changes = BootstrapPlan.Make(BootstrapPolicy.All(), objects).ToList();
        foreach (var change in changes)
            objects.Put(change.Target.Group, change.Target.Plural, change.Body);
        return changes;
    }
}
