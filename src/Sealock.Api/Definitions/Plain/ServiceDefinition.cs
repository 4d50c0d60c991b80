// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>
/// v1 Service with its subresource <c>status</c>. Nothing here routes packets, so no cluster IPs and node ports are
/// allocated: what the client gives is checked and kept, and a service without an address stays without one.
/// </summary>
internal static class ServiceDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Service",
        Plural = "services",
        ShortNames = ["svc"],
        Categories = ["all"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.Service",
        ReturnsDeletedObject = true,
        Columns = NetworkColumns.Services,
        SelectableFields =
            [new("spec.clusterIP", o => o.Map("spec").Text("clusterIP")), new("spec.type", o => o.Map("spec").Text("type"))],
        CreateOnUpdate = true,
        ValidateName = NameRules.Dns1035Label,
        Default = Default,
        PrepareForCreate = operation => operation.Object["status"] = new JsonObject { ["loadBalancer"] = new JsonObject() },
        PrepareForUpdate = PrepareForUpdate,
        Validate = ServiceRules.Check,
        Subresources =
        [
            new Subresource
            {
                Name = "status",
                PrepareForUpdate = operation => operation.Object.CopyFrom(operation.Old, "spec"),
                Validate = operation => AddressRules.CheckLoadBalancer(operation.Object.Map("status")),
            },
        ],
    };

    private static void Default(JsonObject value)
    {
        var spec = value.Ensure("spec");
        spec.Default("type", "ClusterIP");
        spec.Default("sessionAffinity", "None");
        DefaultAffinity(spec);
        foreach (var port in spec.Items("ports").OfType<JsonObject>())
        {
            port.Default("protocol", "TCP");
            if (port.Number("targetPort") is null or 0 && port.Text("targetPort").Length == 0)
            {
                port["targetPort"] = port["port"]?.DeepClone();
            }
        }

        var type = spec.Text("type");
        if (type is "NodePort" or "LoadBalancer")
        {
            spec.Default("externalTrafficPolicy", "Cluster");
        }

        if (type is "NodePort" or "LoadBalancer" or "ClusterIP")
        {
            spec.Default("internalTrafficPolicy", "Cluster");
        }

        if (type == "LoadBalancer" && !spec.Has("allocateLoadBalancerNodePorts"))
        {
            spec["allocateLoadBalancerNodePorts"] = true;
        }

        DefaultAddresses(spec);
    }

    private static void DefaultAffinity(JsonObject spec)
    {
        if (spec.Text("sessionAffinity") == "None")
        {
            spec.Remove("sessionAffinityConfig");
        }
        else if (spec.Text("sessionAffinity") == "ClientIP" && !spec.Map("sessionAffinityConfig", "clientIP").Has("timeoutSeconds"))
        {
            spec["sessionAffinityConfig"] = new JsonObject { ["clientIP"] = new JsonObject { ["timeoutSeconds"] = 10_800 } };
        }
    }

    // clusterIP is the first of clusterIPs.
    private static void DefaultAddresses(JsonObject spec)
    {
        var single = spec.Text("clusterIP");
        var all = spec.Texts("clusterIPs").ToList();
        if (all.Count == 0 && single.Length > 0)
        {
            spec["clusterIPs"] = new JsonArray(single);
        }
        else if (single.Length == 0 && all.Count > 0)
        {
            spec["clusterIP"] = all[0];
        }

        if (spec.Text("type") != "ExternalName")
        {
            var first = spec.Text("clusterIP");
            if (!spec.Has("ipFamilies"))
            {
                spec["ipFamilies"] = new JsonArray(AddressRules.IsIPv6(first) ? "IPv6" : "IPv4");
            }

            spec.Default("ipFamilyPolicy", all.Count > 1 || spec.Items("ipFamilies").Count() > 1 ? "RequireDualStack" : "SingleStack");
        }
    }

    // A client that leaves out the address keeps the one that is there.
    private static void PrepareForUpdate(ObjectOperation operation)
    {
        operation.Object.CopyFrom(operation.Old, "status");
        var (spec, old) = (operation.Object.Ensure("spec"), operation.Old.Map("spec"));

        // Who changes clusterIP alone means the first of clusterIPs too.
        if (spec.Text("clusterIP") is { Length: > 0 } single && single != old.Text("clusterIP")
            && JsonNode.DeepEquals(spec["clusterIPs"], old?["clusterIPs"]))
        {
            spec["clusterIPs"] = new JsonArray(single);
        }

        if (spec.Text("type") != "ExternalName" && old.Text("type") != "ExternalName"
            && spec.Text("clusterIP").Length == 0 && old.Text("clusterIP").Length > 0)
        {
            foreach (var field in (string[])["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"])
            {
                spec.CopyFrom(old, field);
            }
        }
    }
}
