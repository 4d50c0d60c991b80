// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>What a Service may say.</summary>
internal static class ServiceRules
{
    private const long KubeletPort = 10250;
    private static readonly FieldPath Spec = new("spec");

    public static IEnumerable<FieldError> Check(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec") ?? [];
        var ports = spec.Items("ports").ToList();
        return
        [
            .. operation.Old is null ? [] : CheckChange(spec, operation.Old.Map("spec")),
            .. ports.Count == 0 && !IsHeadless(spec) && spec.Text("type") != "ExternalName"
                ? [Spec.Child("ports").Required()] : Array.Empty<FieldError>(),
            .. CheckByType(spec, ports),
            .. CheckPorts(ports, spec.Text("type")),
            .. MetadataRules.CheckLabels(spec.Map("selector"), Spec.Child("selector")),
            .. CheckAffinity(spec),
            .. CheckClusterIPs(spec),
            .. spec.Texts("externalIPs").Index().SelectMany(a => CheckExternal(a.Item, Spec.Child("externalIPs").Index(a.Index))),
            .. CheckType(spec.Text("type")),
            .. CheckBalancer(spec),
            .. CheckTraffic(spec),
        ];
    }

    private static bool IsHeadless(JsonObject spec) => spec.Texts("clusterIPs").ToList() is ["None"];

    private static IEnumerable<FieldError> CheckChange(JsonObject spec, JsonObject? old)
    {
        var (now, before) = (spec.Texts("clusterIPs").ToList(), old.Texts("clusterIPs").ToList());
        if (spec.Text("type") != "ExternalName" && old.Text("type") != "ExternalName"
            && before.Count > 0 && (now.Count == 0 || now[0] != before[0]))
        {
            yield return Spec.Child("clusterIPs").Index(0).Invalid(spec["clusterIPs"], "may not change once set");
        }
    }

    private static IEnumerable<FieldError> CheckByType(JsonObject spec, List<JsonNode?> ports)
    {
        switch (spec.Text("type"))
        {
            case "LoadBalancer" or "NodePort" when IsHeadless(spec):
                yield return Spec.Child("clusterIPs").Index(0)
                    .Invalid("None", $"may not be set to 'None' for {spec.Text("type")} services");
                break;
            case "LoadBalancer":
                foreach (var (index, _) in ports.Index().Where(p => p.Item.Number("port") == KubeletPort))
                {
                    yield return Spec.Child("ports").Index(index).Invalid(
                        KubeletPort, $"may not expose port {KubeletPort} externally since it is used by kubelet");
                }

                break;
            case "ExternalName":
                foreach (var field in ((string[])["clusterIPs", "ipFamilies", "ipFamilyPolicy"]).Where(spec.Has))
                {
                    yield return Spec.Child(field).Forbidden("may not be set for ExternalName services");
                }

                // A trailing dot marks a fully qualified name.
                var name = spec.Text("externalName");
                name = name.EndsWith('.') ? name[..^1] : name;
                if (name.Length == 0)
                {
                    yield return Spec.Child("externalName").Required();
                }

                foreach (var wrong in name.Length > 0 ? NameRules.DnsSubdomain(name) : [])
                {
                    yield return Spec.Child("externalName").Invalid(name, wrong);
                }

                break;
        }
    }

    private static IEnumerable<FieldError> CheckPorts(List<JsonNode?> ports, string type)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        HashSet<(string, long?)> numbers = [];
        HashSet<(string, long?)> nodePorts = [];
        foreach (var (index, port) in ports.Index())
        {
            var path = Spec.Child("ports").Index(index);
            foreach (var error in CheckPort(port, ports.Count > 1, names, path))
            {
                yield return error;
            }

            var node = port.Number("nodePort") ?? 0;
            if (node != 0 && type == "ClusterIP")
            {
                yield return path.Child("nodePort").Forbidden("may not be used when `type` is 'ClusterIP'");
            }

            if (node != 0 && !nodePorts.Add((port.Text("protocol"), node)))
            {
                yield return path.Child("nodePort").Duplicate(port!["nodePort"]);
            }

            if (!numbers.Add((port.Text("protocol"), port.Number("port"))))
            {
                yield return path.Duplicate(new JsonObject { ["protocol"] = port.Text("protocol"), ["port"] = port.Number("port") });
            }
        }
    }

    private static IEnumerable<FieldError> CheckPort(JsonNode? port, bool needsName, HashSet<string> names, FieldPath path)
    {
        var (name, number) = (port.Text("name"), port.Number("port") ?? 0);
        if (needsName && name.Length == 0)
        {
            yield return path.Child("name").Required();
        }

        foreach (var wrong in name.Length > 0 ? NameRules.DnsLabel(name) : [])
        {
            yield return path.Child("name").Invalid(name, wrong);
        }

        if (name.Length > 0 && !names.Add(name))
        {
            yield return path.Child("name").Duplicate(name);
        }

        foreach (var wrong in NameRules.PortNumber(number))
        {
            yield return path.Child("port").Invalid(number, wrong);
        }

        IEnumerable<FieldError> others =
        [
            .. PortRules.CheckProtocol(port.Text("protocol"), path.Child("protocol")),
            .. PortRules.CheckNumberOrName((port as JsonObject)?["targetPort"], path.Child("targetPort")),
            .. PortRules.CheckAppProtocol(port, path),
        ];
        foreach (var error in others)
        {
            yield return error;
        }
    }

    private static IEnumerable<FieldError> CheckAffinity(JsonObject spec)
    {
        var path = Spec.Child("sessionAffinityConfig", "clientIP").Child("timeoutSeconds");
        var timeout = spec.Map("sessionAffinityConfig", "clientIP").Number("timeoutSeconds");
        return spec.Text("sessionAffinity") switch
        {
            "ClientIP" when timeout is null => [path.Required("")],
            "ClientIP" when timeout is <= 0 or > 86_400 => [path.Invalid(timeout.Value, "must be greater than 0 and less than 86400")],
            "ClientIP" or "None" => [],
            var other => [Spec.Child("sessionAffinity").NotSupported(other, "ClientIP", "None")],
        };
    }

    private static IEnumerable<FieldError> CheckClusterIPs(JsonObject spec)
    {
        var path = Spec.Child("clusterIPs");
        var all = spec.Texts("clusterIPs").ToList();
        if (spec.Text("type") == "ExternalName" || all.Count == 0)
        {
            yield break;
        }

        if (all[0] != spec.Text("clusterIP"))
        {
            yield return path.Index(0).Invalid(spec["clusterIPs"], "first value must match `clusterIP`");
        }

        if (all.Count > 2)
        {
            yield return path.Invalid(spec["clusterIPs"], "may only hold up to 2 values");
        }

        foreach (var (index, address) in all.Index())
        {
            if (address == "None" && all.Count > 1)
            {
                yield return path.Index(index).Invalid("None", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
            }

            foreach (var error in address == "None" ? [] : AddressRules.Check(address, path.Index(index)))
            {
                yield return error;
            }
        }

        if (all.Count == 2 && all.All(a => AddressRules.TryParse(a, out _)) && AddressRules.IsIPv6(all[0]) == AddressRules.IsIPv6(all[1]))
        {
            yield return path.Invalid(spec["clusterIPs"], "may specify no more than one IP for each IP family");
        }
    }

    private static IEnumerable<FieldError> CheckExternal(string address, FieldPath path) => AddressRules.TryParse(address, out _)
        ? AddressRules.CheckNotSpecial(address, path) : AddressRules.Check(address, path);

    private static IEnumerable<FieldError> CheckType(string type) => type is "ClusterIP" or "ExternalName" or "LoadBalancer" or "NodePort"
        ? [] : [Spec.Child("type").NotSupported(type, "ClusterIP", "ExternalName", "LoadBalancer", "NodePort")];

    private static IEnumerable<FieldError> CheckBalancer(JsonObject spec)
    {
        const string OnlyBalancers = "may only be used when `type` is 'LoadBalancer'";
        var isBalancer = spec.Text("type") == "LoadBalancer";
        var ranges = spec.Texts("loadBalancerSourceRanges").ToList();
        var path = Spec.Child("loadBalancerSourceRanges");
        if (ranges.Count > 0 && !isBalancer)
        {
            yield return path.Forbidden(OnlyBalancers);
        }

        foreach (var (index, range) in ranges.Index().Where(r => !AddressRules.IsNetwork(r.Item.Trim())))
        {
            yield return path.Index(index).Invalid(range, "must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)");
        }

        foreach (var field in ((string[])["allocateLoadBalancerNodePorts", "loadBalancerClass"]).Where(f => !isBalancer && spec.Has(f)))
        {
            yield return Spec.Child(field).Forbidden(OnlyBalancers);
        }
    }

    private static IEnumerable<FieldError> CheckTraffic(JsonObject spec)
    {
        var (external, isInternal) = (spec.Text("externalTrafficPolicy"), spec.Text("internalTrafficPolicy"));
        var reachable = spec.Text("type") is "NodePort" or "LoadBalancer" || spec.Items("externalIPs").Any();
        var path = Spec.Child("externalTrafficPolicy");
        if (!reachable && external.Length > 0)
        {
            yield return path.Invalid(external, "may only be set for externally-accessible services");
        }

        if (reachable && external is not ("Cluster" or "Local" or ""))
        {
            yield return path.NotSupported(external, "Cluster", "Local");
        }

        if (spec.Number("healthCheckNodePort") is { } port and not 0 && !(spec.Text("type") == "LoadBalancer" && external == "Local"))
        {
            yield return Spec.Child("healthCheckNodePort").Invalid(
                port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'");
        }

        if (isInternal is not ("Cluster" or "Local" or ""))
        {
            yield return Spec.Child("internalTrafficPolicy").NotSupported(isInternal, "Cluster", "Local");
        }
    }
}
