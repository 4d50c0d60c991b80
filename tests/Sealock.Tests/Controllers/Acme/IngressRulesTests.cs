// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json;
using Sealock.Controllers.Acme.Solvers;
using Sealock.Controllers.Acme.Views;

namespace Sealock.Tests.Controllers.Acme;

public sealed class IngressRulesTests
{
    private const string Path = """{"path":"/.well-known/acme-challenge/t","pathType":"Exact","backend":{"service":{"name":"s","port":{"number":8089}}}}""";

    [Theory]
    [InlineData("{}", "[{\"http\":{\"paths\":[PATH]},\"host\":\"a.example\"}]")]
    [InlineData("{\"rules\":[{\"host\":\"b.example\"}]}", "[{\"host\":\"b.example\"},{\"http\":{\"paths\":[PATH]},\"host\":\"a.example\"}]")]
    [InlineData("{\"rules\":[{\"host\":\"a.example\"}]}", "[{\"host\":\"a.example\",\"http\":{\"paths\":[PATH]}}]")]
    [InlineData("{\"rules\":[{\"host\":\"a.example\",\"http\":{\"paths\":[{\"path\":\"/\"}]}}]}", "[{\"host\":\"a.example\",\"http\":{\"paths\":[PATH,{\"path\":\"/\"}]}}]")]
    public void A_path_is_added_to_somebody_elses_rules_and_taken_out_again(string spec, string expected)
    {
        var before = JsonDocument.Parse(spec).RootElement;
        var with = IngressRules.With(before, Challenge(), "s", 8089);
        Assert.Equal(expected.Replace("PATH", Path, StringComparison.Ordinal), with!.ToJsonString());
        var changed = JsonDocument.Parse($$"""{"rules": {{with.ToJsonString()}} }""").RootElement;
        Assert.Null(IngressRules.With(changed, Challenge(), "s", 8089));
        var without = IngressRules.Without(changed, Challenge(), "s");
        Assert.DoesNotContain("acme-challenge", without!.ToJsonString(), StringComparison.Ordinal);
        Assert.Null(IngressRules.Without(before, Challenge(), "s"));
    }

    [Fact]
    public void An_Ingress_of_its_own_follows_the_template_and_belongs_to_the_Challenge()
    {
        var settings = new IngressSolverView
        {
            IngressClassName = "nginx",
            IngressTemplate = new() { Metadata = new() { Labels = new Dictionary<string, string> { ["team"] = "web" }, Annotations = new Dictionary<string, string> { ["x"] = "y" } } },
        };
        var ingress = IngressObjects.Ingress(Challenge(), settings, 8089);
        Assert.Equal("nginx", (string?)ingress["spec"]!["ingressClassName"]);
        Assert.Equal("web", (string?)ingress["metadata"]!["labels"]!["team"]);
        Assert.Equal("y", (string?)ingress["metadata"]!["annotations"]!["x"]);
        Assert.Equal("Challenge", (string?)ingress["metadata"]!["ownerReferences"]![0]!["kind"]);
        var service = IngressObjects.Service(Challenge(), new IPEndPoint(IPAddress.Parse("2001:db8::1"), 8089));
        Assert.Null(service["spec"]!["selector"]);
        Assert.Equal("IPv6", (string?)service["spec"]!["ipFamilies"]![0]);
        Assert.Equal((string?)ingress["metadata"]!["name"], (string?)service["metadata"]!["name"]);
    }

    private static ChallengeView Challenge() => new()
    {
        Metadata = new() { Name = "c", Namespace = "ns", Uid = "u" },
        Spec = new() { DnsName = "a.example", Token = "t", Key = "t.k", Type = "HTTP-01" },
    };
}
