// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
internal static class EndpointSliceDefinition
{
    private const int MaxAddresses = 100;
    private const int MaxPorts = 100;
    private const int MaxEndpoints = 1000;

    public static ResourceDefinition Value { get; } = new()
    {
        Group = "discovery.k8s.io",
        Version = "v1",
        Kind = "EndpointSlice",
        Plural = "endpointslices",
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.discovery.v1.EndpointSlice",
        Columns = NetworkColumns.EndpointSlices,
        Default = value =>
        {
            foreach (var port in value.Items("ports").OfType<JsonObject>())
            {
                port.Default("name", "");
                port.Default("protocol", "TCP");
            }
        },
        PrepareForCreate = ObjectGeneration.Start,
        PrepareForUpdate = operation => ObjectGeneration.CountChange(operation, "endpoints", "ports"),
        Validate = Validate,
    };

    private static IEnumerable<FieldError> Validate(ObjectOperation operation)
    {
        var value = operation.Object;
        var type = value.Text("addressType");
        var path = new FieldPath("addressType");
        return
        [
            .. type switch
            {
                "" => [path.Required()],
                "IPv4" or "IPv6" or "FQDN" => Array.Empty<FieldError>(),
                _ => [path.NotSupported(type, "FQDN", "IPv4", "IPv6")],
            },
            .. CheckEndpoints([.. value.Items("endpoints")], type, new("endpoints")),
            .. CheckPorts([.. value.Items("ports")], new("ports")),
            .. operation.Old is null ? [] : ImmutableFields.Check(value["addressType"], operation.Old["addressType"], path),
        ];
    }

    private static IEnumerable<FieldError> CheckEndpoints(List<JsonNode?> endpoints, string type, FieldPath path)
    {
        if (endpoints.Count > MaxEndpoints)
        {
            return [path.TooMany(endpoints.Count, MaxEndpoints)];
        }

        return endpoints.Index().SelectMany(e => CheckEndpoint(e.Item, type, path.Index(e.Index)));
    }

    private static IEnumerable<FieldError> CheckEndpoint(JsonNode? endpoint, string type, FieldPath path)
    {
        var addresses = endpoint.Texts("addresses").ToList();
        var at = path.Child("addresses");
        if (addresses.Count == 0)
        {
            yield return at.Required("must contain at least 1 address");
        }

        if (addresses.Count > MaxAddresses)
        {
            yield return at.TooMany(addresses.Count, MaxAddresses);
        }

        foreach (var error in addresses.Index().SelectMany(a => CheckAddress(a.Item, type, at.Index(a.Index))))
        {
            yield return error;
        }

        foreach (var wrong in endpoint.Has("nodeName") ? NameRules.DnsSubdomain(endpoint.Text("nodeName")) : [])
        {
            yield return path.Child("nodeName").Invalid(endpoint.Text("nodeName"), wrong);
        }

        foreach (var error in MetadataRules.CheckLabels(endpoint.Map("deprecatedTopology"), path.Child("deprecatedTopology")))
        {
            yield return error;
        }

        foreach (var wrong in endpoint.Has("hostname") ? NameRules.DnsLabel(endpoint.Text("hostname")) : [])
        {
            yield return path.Child("hostname").Invalid(endpoint.Text("hostname"), wrong);
        }
    }

    private static IEnumerable<FieldError> CheckAddress(string address, string type, FieldPath path)
    {
        switch (type)
        {
            case "IPv4" when !AddressRules.TryParse(address, out _) || AddressRules.IsIPv6(address):
                return [path.Invalid(address, "must be a valid IPv4 address")];
            case "IPv6" when !AddressRules.IsIPv6(address):
                return [path.Invalid(address, "must be a valid IPv6 address")];
            case "FQDN":
                return CheckFullName(address, path);
            default:
                return type is "IPv4" or "IPv6" ? AddressRules.CheckNotSpecial(address, path) : [];
        }
    }

    private static IEnumerable<FieldError> CheckFullName(string name, FieldPath path)
    {
        if (name.Length == 0)
        {
            return [path.Required()];
        }

        var bare = name.EndsWith('.') ? name[..^1] : name;
        if (NameRules.DnsSubdomain(bare) is { Count: > 0 } wrong)
        {
            return [path.Invalid(bare, string.Join(',', wrong))];
        }

        return bare.Contains('.', StringComparison.Ordinal)
            ? [] : [path.Invalid(bare, "should be a domain with at least two segments separated by dots")];
    }

    private static IEnumerable<FieldError> CheckPorts(List<JsonNode?> ports, FieldPath path)
    {
        if (ports.Count > MaxPorts)
        {
            yield return path.TooMany(ports.Count, MaxPorts);
            yield break;
        }

        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, port) in ports.Index())
        {
            var at = path.Index(index);
            var name = port.Text("name");
            foreach (var wrong in name.Length > 0 ? NameRules.DnsLabel(name) : [])
            {
                yield return at.Child("name").Invalid(name, wrong);
            }

            if (!names.Add(name))
            {
                yield return at.Child("name").Duplicate(name);
            }

            foreach (var error in PortRules.CheckProtocol(port.Text("protocol"), at.Child("protocol")).Concat(PortRules.CheckAppProtocol(port, at)))
            {
                yield return error;
            }
        }
    }
}
