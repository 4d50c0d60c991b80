// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Sealock.Controllers.Roles;
using Sealock.Gateway.Bootstrap;

namespace Sealock.Tests.Roles;

public sealed class RoleAggregationTests
{
    private const string Pods = """{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}""";
    private const string Jobs = """{"verbs":["get"],"apiGroups":["batch"],"resources":["jobs"]}""";

    [Fact]
    public void Rules_are_gathered_by_name_each_once_and_not_from_the_role_itself()
    {
        var role = Role("all", "x", """[{"matchLabels":{"to":"x"}}]""", "");
        var rules = RoleAggregation.Gather(role, [role, Role("b", "x", null, Pods), Role("a", "x", null, $"{Jobs},{Pods}"), Role("c", "y", null, "{}")]);
        Assert.Equal([Jobs, Pods], rules!.Select(rule => rule.ToJsonString()));
    }

    [Fact]
    public void Several_selectors_add_up()
    {
        var role = Role("all", "", """[{"matchLabels":{"to":"y"}},{"matchExpressions":[{"key":"to","operator":"In","values":["x"]}]}]""", "");
        Assert.Equal(
            [Jobs, Pods], RoleAggregation.Gather(role, [Role("a", "x", null, Pods), Role("b", "y", null, Jobs)])!.Select(rule => rule.ToJsonString()));
    }

    [Fact]
    public void A_malformed_selector_takes_no_rights_away() => Assert.Null(RoleAggregation.Gather(
        Role("all", "", """[{"matchExpressions":[{"key":"to","operator":"Like"}]}]""", Pods), []));

    [Fact]
    public void The_default_roles_add_up_to_admin_by_way_of_edit_and_view()
    {
        var roles = BootstrapPolicy.All().Where(item => item.Plural == "clusterroles")
            .ToDictionary(item => item.Name, item => Read(item.Object.ToJsonString()));
        foreach (var name in (string[])["view", "edit", "admin"])
            roles[name] = roles[name] with { Rules = RoleAggregation.Gather(roles[name], roles.Values)! };
        var admin = roles["admin"].Rules.Select(rule => rule.ToJsonString()).ToList();
        Assert.All(roles["view"].Rules, rule => Assert.Contains(rule.ToJsonString(), admin));
        Assert.Contains(admin, rule => rule.Contains("rolebindings", StringComparison.Ordinal));
        Assert.True(RoleAggregation.AreSame(roles["admin"].Rules, RoleAggregation.Gather(roles["admin"], roles.Values)!));
    }

    private static ClusterRoleView Role(string name, string to, string? selectors, string rules) => Read(
        "{\"metadata\":{\"name\":\"" + name + "\",\"labels\":{\"to\":\"" + to + "\"}},"
        + (selectors is null ? "" : "\"aggregationRule\":{\"clusterRoleSelectors\":" + selectors + "},") + "\"rules\":[" + rules + "]}");

    private static ClusterRoleView Read(string json) => JsonSerializer.Deserialize(json, RoleViewJson.Default.ClusterRoleView)!;
}
