// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Tables;

namespace Sealock.Tests.Tables;

public sealed class TableWriterTests
{
    private static readonly DateTimeOffset Now = new(2024, 1, 1, 0, 10, 0, TimeSpan.Zero);

    private static readonly Dictionary<string, ImmutableArray<Column>> Kinds = new()
    {
        ["namespaces"] = CoreColumns.Namespaces,
        ["secrets"] = CoreColumns.Secrets,
        ["configmaps"] = CoreColumns.ConfigMaps,
        ["serviceaccounts"] = CoreColumns.ServiceAccounts,
        ["events"] = CoreColumns.Events,
        ["leases"] = CoreColumns.Leases,
        ["services"] = NetworkColumns.Services,
        ["endpoints"] = NetworkColumns.Endpoints,
        ["endpointslices"] = NetworkColumns.EndpointSlices,
        ["ingresses"] = NetworkColumns.Ingresses,
        ["ingressclasses"] = NetworkColumns.IngressClasses,
        ["nodes"] = NodeColumns.Nodes,
        ["pods"] = PodColumns.Pods,
        ["csrs"] = SecurityColumns.CertificateSigningRequests,
        ["bundles"] = SecurityColumns.ClusterTrustBundles,
        ["roles"] = SecurityColumns.Roles,
        ["rolebindings"] = SecurityColumns.RoleBindings,
    };

    [Theory] // what kube-apiserver answers for the same objects
    [InlineData("namespaces", """{"status":{"phase":"Active"}}""", "x|Active|10m")]
    [InlineData("secrets", """{"type":"Opaque","data":{"a":"","b":""}}""", "x|Opaque|2|10m")]
    [InlineData("configmaps", """{"data":{"a":""},"binaryData":{"b":""}}""", "x|2|10m")]
    [InlineData("serviceaccounts", """{"secrets":[{"name":"t"}]}""", "x|1|10m")]
    [InlineData("leases", """{"spec":{"holderIdentity":"me"}}""", "x|me|10m")]
    [InlineData("events", """{"type":"Normal","reason":"R","message":" m \n","involvedObject":{"kind":"Pod","name":"p","fieldPath":"f"},"source":{"component":"c","host":"h"},"firstTimestamp":"2024-01-01T00:00:00Z","lastTimestamp":"2024-01-01T00:09:00Z","count":3}""", "60s|Normal|R|pod/p|f|c, h|m|10m|3|x")]
    [InlineData("events", """{"involvedObject":{"kind":"Node"},"eventTime":"2024-01-01T00:05:00.000000Z","reportingComponent":"c","series":{"count":1,"lastObservedTime":"2024-01-01T00:08:00.000000Z"}}""", "2m|||node||c||5m|2|x")]
    [InlineData("services", """{"spec":{"type":"ClusterIP","clusterIP":"10.0.0.1","clusterIPs":["10.0.0.1"],"ports":[{"port":80,"protocol":"TCP"},{"port":53,"nodePort":30053,"protocol":"UDP"}],"selector":{"b":"2","a":"1"}}}""", "x|ClusterIP|10.0.0.1|<none>|80/TCP,53:30053/UDP|10m|a=1,b=2")]
    [InlineData("services", """{"spec":{"type":"LoadBalancer"}}""", "x|LoadBalancer|<none>|<pending>|<none>|10m|<none>")]
    [InlineData("services", """{"spec":{"type":"LoadBalancer","externalIPs":["1.1.1.1"]},"status":{"loadBalancer":{"ingress":[{"hostname":"h"},{"ip":"2.2.2.2"}]}}}""", "x|LoadBalancer|<none>|2.2.2.2,h,1.1.1.1|<none>|10m|<none>")]
    [InlineData("services", """{"spec":{"type":"ExternalName","externalName":"e.org"}}""", "x|ExternalName|<none>|e.org|<none>|10m|<none>")]
    [InlineData("endpoints", "{}", "x|<none>|10m")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"1.1.1.1"},{"ip":"::1"}],"ports":[{"port":80},{"port":443}]}]}""", "x|1.1.1.1:80,[::1]:80,1.1.1.1:443 + 1 more...|10m")]
    [InlineData("endpoints", """{"subsets":[{"addresses":[{"ip":"1.1.1.1"}]}]}""", "x|1.1.1.1|10m")]
    [InlineData("endpointslices", """{"addressType":"IPv4","ports":[{"port":80},{"name":"n"},{}],"endpoints":[{"addresses":["1.1.1.1"]}]}""", "x|IPv4|80,n,*|1.1.1.1|10m")]
    [InlineData("endpointslices", """{"addressType":"IPv4"}""", "x|IPv4|<unset>|<unset>|10m")]
    [InlineData("ingresses", """{"spec":{"ingressClassName":"c","rules":[{"host":"a"},{"host":"b"},{"host":"c"},{"host":"d"}],"tls":[{}]},"status":{"loadBalancer":{"ingress":[{"ip":"1.1.1.1"}]}}}""", "x|c|a,b,c + 1 more...|1.1.1.1|80, 443|10m")]
    [InlineData("ingresses", """{"spec":{"rules":[{}]}}""", "x|<none>|*||80|10m")]
    [InlineData("ingressclasses", """{"spec":{"controller":"a/b","parameters":{"apiGroup":"g","kind":"K","name":"n"}}}""", "x|a/b|K.g/n|10m")]
    [InlineData("nodes", """{"metadata":{"labels":{"node-role.kubernetes.io/b":"","kubernetes.io/role":"a"}},"spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"False"}],"addresses":[{"type":"InternalIP","address":"10.1.1.1"}],"nodeInfo":{"kubeletVersion":"v1","osImage":"o"}}}""", "x|NotReady,SchedulingDisabled|a,b|10m|v1|10.1.1.1|<none>|o|<unknown>|<unknown>")]
    [InlineData("nodes", "{}", "x|Unknown|<none>|10m||<none>|<none>|<unknown>|<unknown>|<unknown>")]
    [InlineData("csrs", """{"spec":{"signerName":"s/n","username":"u","expirationSeconds":3600},"status":{"conditions":[{"type":"Approved"},{"type":"Failed"}],"certificate":"eA=="}}""", "x|10m|s/n|u|60m|Approved,Failed,Issued")]
    [InlineData("csrs", """{"spec":{"username":"u"}}""", "x|10m|<none>|u|<none>|Pending")]
    [InlineData("bundles", """{"spec":{}}""", "x|<none>")]
    [InlineData("roles", "{}", "x|2024-01-01T00:00:00Z")]
    [InlineData("rolebindings", """{"roleRef":{"kind":"Role","name":"r"},"subjects":[{"kind":"User","name":"u"},{"kind":"User","name":"v"},{"kind":"ServiceAccount","namespace":"n","name":"s"}]}""", "x|Role/r|10m|u, v||n/s")]
    [InlineData("pods", """{"spec":{"containers":[{},{}],"nodeName":"n"},"status":{"phase":"Pending"}}""", "x|0/2|Pending|0|10m|<none>|n|<none>|<none>")]
    [InlineData("pods", """{"spec":{"containers":[{}],"readinessGates":[{"conditionType":"g"}]},"status":{"phase":"Running","podIP":"1.1.1.1","podIPs":[{"ip":"1.1.1.1"}],"conditions":[{"type":"g","status":"True"}],"containerStatuses":[{"ready":true,"restartCount":2,"state":{"running":{}},"lastState":{"terminated":{"finishedAt":"2024-01-01T00:05:00Z"}}}]}}""", "x|1/1|Running|2 (5m ago)|10m|1.1.1.1|<none>|<none>|1/1")]
    [InlineData("pods", """{"spec":{"containers":[{}],"initContainers":[{"name":"i"},{"name":"j"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":0}}},{"name":"j","restartCount":1,"state":{"waiting":{"reason":"CrashLoopBackOff"}}}]}}""", "x|0/1|Init:CrashLoopBackOff|1|10m|<none>|<none>|<none>|<none>")]
    [InlineData("pods", """{"spec":{"containers":[{}],"initContainers":[{"name":"i"}]},"status":{"phase":"Pending","initContainerStatuses":[{"name":"i","state":{"terminated":{"exitCode":3}}}]}}""", "x|0/1|Init:ExitCode:3|0|10m|<none>|<none>|<none>|<none>")]
    [InlineData("pods", """{"spec":{"containers":[{}],"initContainers":[{"name":"s","restartPolicy":"Always"}]},"status":{"phase":"Running","initContainerStatuses":[{"name":"s","started":true,"ready":true,"restartCount":1,"state":{"running":{}}}],"containerStatuses":[{"state":{"terminated":{"signal":9,"exitCode":137}}}]}}""", "x|1/2|Signal:9|1|10m|<none>|<none>|<none>|<none>")]
    [InlineData("pods", """{"metadata":{"deletionTimestamp":"2024-01-01T00:00:00Z"},"spec":{"containers":[{}]},"status":{"phase":"Running"}}""", "x|0/1|Terminating|0|10m|<none>|<none>|<none>|<none>")]
    public void Cells_show_what_kubectl_prints(string kind, string fields, string cells)
    {
        var item = JsonNode.Parse(fields)!.AsObject();
        var metadata = item["metadata"] as JsonObject ?? [];
        item["metadata"] = null;
        metadata["name"] = "x";
        metadata["creationTimestamp"] = "2024-01-01T00:00:00Z";
        item["metadata"] = metadata.DeepClone();
        var table = Write(new() { Columns = Kinds[kind], Now = Now }, item.ToJsonString());
        Assert.Equal(cells, string.Join('|', table["rows"]![0]!["cells"]!.AsArray().Select(c => c!.ToString())));
        Assert.Equal(Kinds[kind].Length, table["columnDefinitions"]!.AsArray().Count);
    }

    [Fact]
    public void Every_kind_bears_hostile_objects()
    {
        foreach (var columns in Kinds.Values)
        {
            Write(new() { Columns = columns, Now = Now }, "{}", """{"metadata":1,"spec":[],"status":"x","data":3,"subsets":[1,{"ports":[[]],"addresses":[2]}]}""");
        }
    }

    [Fact]
    public void A_row_carries_metadata_the_object_or_nothing()
    {
        const string Item = """{"kind":"Secret","apiVersion":"v1","metadata":{"name":"x","resourceVersion":"7"},"data":{}}""";
        var options = new TableOptions { Columns = [], Now = Now, ResourceVersion = "9", Continue = "c", RemainingItemCount = 3 };
        var table = Write(options, Item);
        Assert.Equal("""{"resourceVersion":"9","continue":"c","remainingItemCount":3}""", table["metadata"]!.ToJsonString());
        Assert.Equal(
            """{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"x","resourceVersion":"7"}}""",
            table["rows"]![0]!["object"]!.ToJsonString());
        Assert.Equal(["Name", "Created At"], table["columnDefinitions"]!.AsArray().Select(c => c!["name"]!.ToString()));
        Assert.Equal(Item, Write(options with { Include = TableObject.Object }, Item)["rows"]![0]!["object"]!.ToJsonString());
        var bare = Write(options with { Include = TableObject.None, WithColumns = false, Version = "v1beta1" }, Item);
        Assert.Null(bare["rows"]![0]!["object"]);
        Assert.Null(bare["columnDefinitions"]);
        Assert.Equal("meta.k8s.io/v1beta1", bare["apiVersion"]!.ToString());
    }

    private static JsonObject Write(TableOptions options, params string[] items)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            TableWriter.Write(writer, options, items.Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(i)));
        }

        return JsonNode.Parse(stream.ToArray())!.AsObject();
    }
}
