// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 Node with its subresource <c>status</c>.</summary>
internal static class NodeDefinition
{
    private static readonly FieldPath Cidrs = new FieldPath("spec").Child("podCIDRs");

    // The path is Kubernetes' own, though taints stand in spec.
    private static readonly FieldPath Taints = new FieldPath("metadata").Child("taints");

    private static readonly string[] InfoFields =
    [
        "machineID", "systemUUID", "bootID", "kernelVersion", "osImage", "containerRuntimeVersion", "kubeletVersion",
        "kubeProxyVersion", "operatingSystem", "architecture",
    ];

    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Node",
        Plural = "nodes",
        ShortNames = ["no"],
        Scope = ResourceScope.Cluster,
        SchemaName = "io.k8s.api.core.v1.Node",
        Columns = NodeColumns.Nodes,
        SelectableFields = [new("spec.unschedulable", o => o.Map("spec").IsTrue("unschedulable") ? "true" : "false")],
        Default = Default,
        Validate = operation =>
            operation.Old is null ? CheckNew(operation.Object) : CheckChange(operation.Object, operation.Old),
        Subresources =
        [
            new Subresource
            {
                Name = "status",
                PrepareForUpdate = operation => operation.Object.CopyFrom(operation.Old, "spec"),
            },
        ],
    };

    private static void Default(JsonObject value)
    {
        var (spec, status) = (value.Ensure("spec"), value.Ensure("status"));
        if (spec.Text("podCIDR").Length > 0 && !spec.Items("podCIDRs").Any())
        {
            spec["podCIDRs"] = new JsonArray(spec.Text("podCIDR"));
        }
        else if (spec.Texts("podCIDRs").FirstOrDefault() is { Length: > 0 } first)
        {
            spec.Default("podCIDR", first);
        }

        if (status.Map("capacity") is { } capacity && !status.Has("allocatable"))
        {
            status["allocatable"] = capacity.DeepClone();
        }

        // These are always there, also empty.
        status.Ensure("daemonEndpoints").Ensure("kubeletEndpoint").Default("Port", 0);
        var info = status.Ensure("nodeInfo");
        foreach (var field in InfoFields)
        {
            info.Default(field, "");
        }
    }

    private static IEnumerable<FieldError> CheckNew(JsonObject value)
    {
        var cidrs = value.Map("spec").Texts("podCIDRs").ToList();
        return [.. CheckTaints(value), .. CheckCidrs(cidrs, value.Map("spec")?["podCIDRs"])];
    }

    private static IEnumerable<FieldError> CheckCidrs(List<string> cidrs, JsonNode? all)
    {
        foreach (var (index, _) in cidrs.Index().Where(c => !AddressRules.IsNetwork(c.Item)))
        {
            yield return Cidrs.Index(index).Invalid(all, "must be valid CIDR");
        }

        if (cidrs.Count > 2 || (cidrs.Count == 2 && cidrs[0].Contains(':', StringComparison.Ordinal) == cidrs[1].Contains(':', StringComparison.Ordinal)))
        {
            yield return Cidrs.Invalid(all, "may specify no more than one CIDR for each IP family");
        }

        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (var (index, cidr) in cidrs.Index().Where(c => !seen.Add(c.Item)))
        {
            yield return Cidrs.Index(index).Duplicate(cidr);
        }
    }

    private static IEnumerable<FieldError> CheckChange(JsonObject value, JsonObject old)
    {
        HashSet<string> addresses = new(StringComparer.Ordinal);
        foreach (var (index, address) in value.Map("status").Items("addresses").Index())
        {
            if (!addresses.Add($"{address.Text("type")} {address.Text("address")}"))
            {
                yield return new FieldPath("status").Child("addresses").Index(index).Duplicate(address);
            }
        }

        var (spec, before) = (value.Map("spec") ?? [], old.Map("spec") ?? []);
        if (before.Items("podCIDRs").Any() && !spec.Texts("podCIDRs").SequenceEqual(before.Texts("podCIDRs")))
        {
            yield return Cidrs.Forbidden("node updates may not change podCIDR except from \"\" to valid");
        }

        if (before.Text("providerID").Length > 0 && spec.Text("providerID") != before.Text("providerID"))
        {
            yield return new FieldPath("spec").Child("providerID")
                .Forbidden("node updates may not change providerID except from \"\" to valid");
        }

        foreach (var error in CheckTaints(value))
        {
            yield return error;
        }

        if (!JsonNode.DeepEquals(Protected(spec, before), Protected(before, before)))
        {
            yield return new FieldPath("[]").Forbidden("node updates may only change labels, taints, or capacity "
                + "(or configSource, if the DynamicKubeletConfig feature gate is enabled)");
        }
    }

    // Addresses and provider may be set once.
    private static JsonObject Protected(JsonObject spec, JsonObject before)
    {
        var rest = (JsonObject)spec.DeepClone();
        string[] once = ["podCIDR", "podCIDRs", "providerID"];
        foreach (var field in (string[])["unschedulable", "taints", "configSource", .. once.Where(f => !before.Has(f))])
        {
            rest.Remove(field);
        }

        return rest;
    }

    private static IEnumerable<FieldError> CheckTaints(JsonObject value)
    {
        HashSet<(string, string)> seen = [];
        foreach (var (index, taint) in value.Map("spec").Items("taints").Index())
        {
            var path = Taints.Index(index);
            var (key, text, effect) = (taint.Text("key"), taint.Text("value"), taint.Text("effect"));
            foreach (var wrong in NameRules.LabelKey(key))
            {
                yield return path.Child("key").Invalid(key, wrong);
            }

            if (NameRules.LabelValue(text) is { Count: > 0 } faults)
            {
                yield return path.Child("value").Invalid(text, string.Join(';', faults));
            }

            if (effect.Length == 0)
            {
                yield return path.Child("effect").Required();
            }
            else if (effect is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            {
                yield return path.Child("effect").NotSupported(effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
            }

            if (!seen.Add((key, effect)))
            {
                yield return path.Duplicate(taint) with { Detail = "taints must be unique by key and effect pair" };
            }
        }
    }
}
