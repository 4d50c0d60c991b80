// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Definitions;

public sealed class PlainDefaultingTests
{
    [Theory]
    [InlineData("secrets", """{"stringData":{"a":"b"},"data":{"a":"eA==","c":"eQ=="}}""", """{"data":{"a":"Yg==","c":"eQ=="},"type":"Opaque"}""")]
    [InlineData("namespaces", """{"metadata":{"name":"n"}}""", """{"metadata":{"name":"n","labels":{"kubernetes.io/metadata.name":"n"}},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}""")]
    [InlineData("services", """{"spec":{"ports":[{"port":80}]}}""", """{"spec":{"ports":[{"port":80,"protocol":"TCP","targetPort":80}],"type":"ClusterIP","sessionAffinity":"None","internalTrafficPolicy":"Cluster","ipFamilies":["IPv4"],"ipFamilyPolicy":"SingleStack"},"status":{"loadBalancer":{}}}""")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"1.1.1.1"}],"ports":[{"port":1}]}]}""", """{"subsets":[{"addresses":[{"ip":"1.1.1.1"}],"ports":[{"port":1,"protocol":"TCP"}]}]}""")]
    [InlineData("nodes", """{"spec":{"podCIDR":"10.0.0.0/24"},"status":{"capacity":{"cpu":"1"}}}""", """{"spec":{"podCIDR":"10.0.0.0/24","podCIDRs":["10.0.0.0/24"]},"status":{"capacity":{"cpu":"1"},"allocatable":{"cpu":"1"},"daemonEndpoints":{"kubeletEndpoint":{"Port":0}},"nodeInfo":{"machineID":"","systemUUID":"","bootID":"","kernelVersion":"","osImage":"","containerRuntimeVersion":"","kubeletVersion":"","kubeProxyVersion":"","operatingSystem":"","architecture":""}}}""")]
    [InlineData("events", """{"metadata":{"namespace":"default"},"involvedObject":{"kind":"Pod","namespace":"default"}}""", """{"metadata":{"namespace":"default"},"involvedObject":{"kind":"Pod","namespace":"default"},"source":{},"reportingComponent":"","reportingInstance":""}""")]
    [InlineData("pods", """{"spec":{"containers":[{"name":"a","image":"nginx"}],"volumes":[{"name":"v"},{"name":"s","secret":{"secretName":"x"}}]}}""",
        """{"metadata":{"generation":1},"spec":{"containers":[{"name":"a","image":"nginx","resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File","imagePullPolicy":"Always"}],"volumes":[{"name":"v","emptyDir":{}},{"name":"s","secret":{"secretName":"x","defaultMode":420}}],"restartPolicy":"Always","terminationGracePeriodSeconds":30,"dnsPolicy":"ClusterFirst","securityContext":{},"schedulerName":"default-scheduler","enableServiceLinks":true},"status":{"phase":"Pending","qosClass":"BestEffort"}}""")]
    [InlineData("ingressclasses", """{"spec":{"controller":"a.b/c","parameters":{"kind":"K","name":"n"}}}""", """{"metadata":{"generation":1},"spec":{"controller":"a.b/c","parameters":{"kind":"K","name":"n","scope":"Cluster"}}}""")]
    public void What_is_left_out_is_filled_in(string plural, string json, string stored)
    {
        var (value, errors) = PlainOperations.Create(plural, json);
        Assert.Empty(errors);
        var expected = JsonNode.Parse(stored)!.AsObject();
        var metadata = expected["metadata"] as JsonObject ?? [];
        metadata.TryAdd("name", "x");
        if (PlainOperations.Definition(plural).Scope is Sealock.Api.Definitions.ResourceScope.Namespaced)
        {
            metadata.TryAdd("namespace", "default");
        }

        expected["metadata"] = metadata.DeepClone();
        Assert.True(JsonNode.DeepEquals(expected, value), value.ToJsonString());
    }

    [Theory]
    [InlineData("nginx", "Always")]
    [InlineData("nginx:latest", "Always")]
    [InlineData("nginx:1", "IfNotPresent")]
    [InlineData("host:5000/nginx", "Always")]
    [InlineData("host:5000/nginx:1", "IfNotPresent")]
    [InlineData("nginx@sha256:abc", "IfNotPresent")]
    public void The_latest_image_is_always_pulled(string image, string policy)
    {
        var (pod, _) = PlainOperations.Create("pods", $$$"""{"spec":{"containers":[{"name":"a","image":"{{{image}}}"}]}}""");
        Assert.Equal(policy, pod["spec"]!["containers"]![0]!["imagePullPolicy"]!.ToString());
    }

    [Theory]
    [InlineData("{}", "BestEffort")]
    [InlineData("""{"requests":{"cpu":"1"}}""", "Burstable")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"}}""", "Guaranteed")]
    [InlineData("""{"limits":{"cpu":"1","memory":"1Gi"},"requests":{"cpu":"500m"}}""", "Burstable")]
    public void The_quality_of_service_follows_from_the_resources(string resources, string quality)
    {
        var (pod, _) = PlainOperations.Create("pods", $$$"""{"spec":{"containers":[{"name":"a","image":"x","resources":{{{resources}}}}]}}""");
        Assert.Equal(quality, pod["status"]!["qosClass"]!.ToString());
    }

    [Fact]
    public void Filling_in_twice_changes_nothing()
    {
        foreach (var definition in PlainDefinitions.All)
        {
            var once = PlainOperations.Operation(definition.Plural, """{"spec":{"containers":[{"name":"a","image":"b"}],"ports":[{"port":1}]}}""", null, null).Object;
            var twice = (JsonObject)once.DeepClone();
            definition.Default?.Invoke(twice);
            Assert.True(JsonNode.DeepEquals(once, twice), definition.Kind);
        }
    }

    [Fact]
    public void Every_definition_has_a_schema_and_a_name_of_its_own()
    {
        Assert.Equal(13, PlainDefinitions.All.Select(d => d.Plural).Distinct().Count());
        Assert.All(PlainDefinitions.All, d => Assert.True(SchemaCatalog.Kubernetes.Contains(d.SchemaName), d.SchemaName));
        Assert.All(PlainDefinitions.All, d => Assert.NotEmpty(d.Columns));
    }

    [Fact]
    public void The_generation_counts_changes_of_what_is_wanted()
    {
        const string Before = """{"spec":{"controller":"a.b/c"}}""";
        var stored = PlainOperations.Create("ingressclasses", Before).Object;
        Assert.Equal(1, stored["metadata"]!["generation"]!.GetValue<long>());
        var same = PlainOperations.Update("ingressclasses", stored, """{"metadata":{"labels":{"a":"b"}},"spec":{"controller":"a.b/c"}}""").Object;
        Assert.Equal(1, same["metadata"]!["generation"]!.GetValue<long>());
        var changed = PlainOperations.Update("ingressclasses", stored, """{"spec":{"controller":"a.b/c","parameters":{"kind":"K","name":"n"}}}""").Object;
        Assert.Equal(2, changed["metadata"]!["generation"]!.GetValue<long>());
    }

    [Fact]
    public void The_status_is_not_written_through_the_object_nor_the_spec_through_the_status()
    {
        const string Pod = """{"spec":{"containers":[{"name":"a","image":"x"}]},"status":{"phase":"Failed"}}""";
        var stored = PlainOperations.Create("pods", Pod).Object;
        Assert.Equal("Pending", stored["status"]!["phase"]!.ToString());
        Assert.Equal("Pending", PlainOperations.Update("pods", stored, Pod).Object["status"]!["phase"]!.ToString());
        var status = PlainOperations.Update("pods", stored, """{"status":{"phase":"Running"}}""", "status");
        Assert.Empty(status.Errors);
        Assert.Equal("Running", status.Object["status"]!["phase"]!.ToString());
        Assert.True(JsonNode.DeepEquals(stored["spec"], status.Object["spec"]));
    }
}
