// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Sealock.Controllers.Acme.Orders;

namespace Sealock.Tests.Controllers.Acme;

public sealed class SolverChoiceTests
{
    private const string Solvers = """
        [
          {"http01": {"ingress": {"name": "default"}}},
          {"selector": {"matchLabels": {"use": "labels"}}, "http01": {"ingress": {"name": "labels"}}},
          {"selector": {"matchLabels": {"use": "labels", "more": "yes"}}, "http01": {"ingress": {"name": "more-labels"}}},
          {"selector": {"dnsZones": ["example.com"]}, "dns01": {"webhook": {"groupName": "zone", "solverName": "s"}}},
          {"selector": {"dnsZones": ["deep.example.com"]}, "dns01": {"webhook": {"groupName": "deep", "solverName": "s"}}},
          {"selector": {"dnsNames": ["exact.deep.example.com", "*.wild.example.com"]}, "dns01": {"webhook": {"groupName": "exact", "solverName": "s"}}},
          {"selector": {"dnsNames": ["labelled.example.com"], "matchLabels": {"use": "never"}}, "tlsALPN01": {}}
        ]
        """;

    [Theory]
    [InlineData("a.example.org", "", "http-01 dns-01", "default")]
    [InlineData("a.example.org", "use=labels", "http-01 dns-01", "labels")]
    [InlineData("a.example.org", "use=labels,more=yes", "http-01 dns-01", "more-labels")]
    [InlineData("example.com", "", "http-01 dns-01", "zone")]
    [InlineData("a.Example.com", "use=labels,more=yes", "http-01 dns-01", "zone")]
    [InlineData("notexample.com", "", "http-01 dns-01", "default")]
    [InlineData("a.deep.example.com", "", "http-01 dns-01", "deep")]
    [InlineData("exact.deep.example.com", "", "http-01 dns-01", "exact")]
    [InlineData("*.wild.example.com", "", "dns-01", "exact")]
    [InlineData("wild.example.com", "", "http-01 dns-01", "zone")]
    [InlineData("exact.deep.example.com", "", "http-01", "default")]
    [InlineData("labelled.example.com", "", "http-01 tls-alpn-01", "default")]
    [InlineData("labelled.example.com", "use=never", "http-01 tls-alpn-01", "tls")]
    [InlineData("*.example.org", "", "dns-01", null)]
    public void The_narrowest_that_fits_is_chosen(string name, string labels, string types, string? expected)
    {
        var choice = SolverChoice.Pick(
            [.. JsonDocument.Parse(Solvers).RootElement.EnumerateArray()], name, types.Split(' '), Labels(labels), Labels(""));
        Assert.Equal(expected, choice?.Solver switch
        {
            null => null,
            { Http01.Ingress.Name: var ingress } => ingress,
            { Dns01.Webhook.GroupName: var group } => group,
            _ => "tls",
        });
    }

    [Theory]
    [InlineData("acme.cert-manager.io/http01-override-ingress-name=mine", "{\"http01\":{\"ingress\":{\"name\":\"mine\"}}}")]
    [InlineData("acme.cert-manager.io/http01-override-ingress-class=mine", "{\"http01\":{\"ingress\":{\"class\":\"mine\"}}}")]
    [InlineData("acme.cert-manager.io/http01-override-ingress-ingressclassname=mine", "{\"http01\":{\"ingress\":{\"ingressClassName\":\"mine\"}}}")]
    [InlineData("other=mine", "{\"http01\":{\"ingress\":{\"name\":\"default\"}}}")]
    public void Annotations_lead_over_an_Ingress_of_ones_own(string annotations, string expected)
    {
        var choice = SolverChoice.Pick(
            [.. JsonDocument.Parse(Solvers).RootElement.EnumerateArray()], "a.example.org", ["http-01"], Labels(""), Labels(annotations));
        Assert.Equal(expected, choice!.Json.ToJsonString());
    }

    private static Dictionary<string, string> Labels(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries)
        .Select(pair => pair.Split('=')).ToDictionary(pair => pair[0], pair => pair[1]);
}
