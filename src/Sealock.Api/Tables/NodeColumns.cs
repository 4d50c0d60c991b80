// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using static Sealock.Api.Tables.Cells;

namespace Sealock.Api.Tables;

/// <summary>Columns of v1 Node.</summary>
public static class NodeColumns
{
    private const string RolePrefix = "node-role.kubernetes.io/";

    /// <summary>The columns in order.</summary>
    public static ImmutableArray<Column> Nodes { get; } =
    [
        Name,
        Of("Status", "The status of the node", Status),
        Of("Roles", "The roles of the node", Roles),
        Age,
        Of("Version", "The kubelet's version.", o => Text(o, "status", "nodeInfo", "kubeletVersion")),
        Of("Internal-IP", "The node's address inside the cluster.", o => Address(o, "InternalIP"), 1),
        Of("External-IP", "The node's address outside the cluster.", o => Address(o, "ExternalIP"), 1),
        Of("OS-Image", "The node's operating system.", o => Info(o, "osImage"), 1),
        Of("Kernel-Version", "The node's kernel.", o => Info(o, "kernelVersion"), 1),
        Of("Container-Runtime", "The node's container runtime and its version.", o => Info(o, "containerRuntimeVersion"), 1),
    ];

    private static string Status(JsonElement item)
    {
        var ready = List(item, "status", "conditions").LastOrDefault(c => Text(c, "type") == "Ready");
        var status = ready.ValueKind != JsonValueKind.Object ? "Unknown" : Text(ready, "status") == "True" ? "Ready" : "NotReady";
        return IsTrue(item, "spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonElement item) => Or(string.Join(',', Map(item, "metadata", "labels")
        .Select(l => l.Name.StartsWith(RolePrefix, StringComparison.Ordinal) ? l.Name[RolePrefix.Length..]
            : l.Name == "kubernetes.io/role" ? l.Value.GetString() ?? "" : "")
        .Where(r => r.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)));

    private static string Address(JsonElement item, string type) =>
        List(item, "status", "addresses").FirstOrDefault(a => Text(a, "type") == type) is { ValueKind: JsonValueKind.Object } found
            ? Text(found, "address") : "<none>";

    private static string Info(JsonElement item, string field) => Or(Text(item, "status", "nodeInfo", field), "<unknown>");
}
