// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 Endpoints.</summary>
internal static class EndpointsDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Endpoints",
        Plural = "endpoints",
        Singular = "endpoints",
        ShortNames = ["ep"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.Endpoints",
        Columns = NetworkColumns.Endpoints,
        CreateOnUpdate = true,
        Default = value =>
        {
            foreach (var port in value.Items("subsets").SelectMany(s => s.Items("ports")).OfType<JsonObject>())
            {
                port.Default("protocol", "TCP");
            }
        },
        Validate = operation => operation.Object.Items("subsets").Index()
            .SelectMany(s => CheckSubset(s.Item, new FieldPath("subsets").Index(s.Index))),
    };

    private static IEnumerable<FieldError> CheckSubset(JsonNode? subset, FieldPath path)
    {
        var ports = subset.Items("ports").ToList();
        if (!subset.Items("addresses").Concat(subset.Items("notReadyAddresses")).Any())
        {
            yield return path.Required("must specify `addresses` or `notReadyAddresses`");
        }

        foreach (var list in (string[])["addresses", "notReadyAddresses"])
        {
            foreach (var (index, address) in subset.Items(list).Index())
            {
                foreach (var error in CheckAddress(address, path.Child(list).Index(index)))
                {
                    yield return error;
                }
            }
        }

        foreach (var (index, port) in ports.Index())
        {
            foreach (var error in CheckPort(port, ports.Count > 1, path.Child("ports").Index(index)))
            {
                yield return error;
            }
        }
    }

    private static IEnumerable<FieldError> CheckAddress(JsonNode? address, FieldPath path)
    {
        var (ip, host, node) = (address.Text("ip"), address.Text("hostname"), address.Text("nodeName"));
        return
        [
            .. AddressRules.Check(ip, path.Child("ip")),
            .. (host.Length > 0 ? NameRules.DnsLabel(host) : []).Select(w => path.Child("hostname").Invalid(host, w)),
            .. (address.Has("nodeName") ? NameRules.DnsSubdomain(node) : []).Select(w => path.Child("nodeName").Invalid(node, w)),
            .. AddressRules.CheckNotSpecial(ip, path.Child("ip")),
        ];
    }

    private static IEnumerable<FieldError> CheckPort(JsonNode? port, bool needsName, FieldPath path)
    {
        var (name, protocol, number) = (port.Text("name"), port.Text("protocol"), port.Number("port") ?? 0);
        if (needsName && name.Length == 0)
        {
            yield return path.Child("name").Required();
        }

        foreach (var wrong in name.Length > 0 ? NameRules.DnsLabel(name) : [])
        {
            yield return path.Child("name").Invalid(name, wrong);
        }

        foreach (var wrong in NameRules.PortNumber(number))
        {
            yield return path.Child("port").Invalid(number, wrong);
        }

        foreach (var error in PortRules.CheckProtocol(protocol, path.Child("protocol")).Concat(PortRules.CheckAppProtocol(port, path)))
        {
            yield return error;
        }
    }
}
