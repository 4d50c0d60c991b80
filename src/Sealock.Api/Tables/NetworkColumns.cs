// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using static Sealock.Api.Tables.Cells;

namespace Sealock.Api.Tables;

/// <summary>Columns of services, endpoints and ingresses.</summary>
public static class NetworkColumns
{
    private const int Shown = 3;

    /// <summary>v1 Service.</summary>
    public static ImmutableArray<Column> Services { get; } =
    [
        Name,
        Of("Type", "How the service is exposed.", o => Text(o, "spec", "type")),
        Of("Cluster-IP", "The service's address inside the cluster.", o => Or(List(o, "spec", "clusterIPs").FirstOrDefault() is
            { ValueKind: JsonValueKind.String } first ? first.GetString()! : Text(o, "spec", "clusterIP"))),
        Of("External-IP", "Addresses outside the cluster that lead to the service.", ExternalIP),
        Of("Port(s)", "The ports on which the service listens.", Ports),
        Age,
        Of("Selector", "Labels of the pods that serve.", o => Selector(o), 1),
    ];

    /// <summary>v1 Endpoints.</summary>
    public static ImmutableArray<Column> Endpoints { get; } =
        [Name, Of("Endpoints", "The addresses and ports that serve.", Subsets), Age];

    /// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
    public static ImmutableArray<Column> EndpointSlices { get; } =
    [
        Name,
        Of("AddressType", "The type of the addresses: IPv4, IPv6 or FQDN.", o => Text(o, "addressType")),
        Of("Ports", "The ports of every endpoint.", o => Some([.. List(o, "ports").Select(SlicePort)], Shown, "<unset>")),
        Of("Endpoints", "The addresses of the endpoints.", o => Some(
            [.. List(o, "endpoints").SelectMany(e => List(e, "addresses")).Select(a => a.GetString() ?? "")], Shown, "<unset>")),
        Age,
    ];

    /// <summary>networking.k8s.io/v1 Ingress.</summary>
    public static ImmutableArray<Column> Ingresses { get; } =
    [
        Name,
        Of("Class", "The name of the IngressClass that serves the ingress.", o => Or(Text(o, "spec", "ingressClassName"))),
        Of("Hosts", "The hosts whose requests are routed.", Hosts),
        Of("Address", "The addresses of the load balancer.", LoadBalancer),
        Of("Ports", "The ports that are open.", o => List(o, "spec", "tls").Any() ? "80, 443" : "80"),
        Age,
    ];

    /// <summary>networking.k8s.io/v1 IngressClass.</summary>
    public static ImmutableArray<Column> IngressClasses { get; } =
    [
        Name,
        Of("Controller", "The controller that handles this class.", o => Text(o, "spec", "controller")),
        Of("Parameters", "An object with further settings.", Parameters),
        Age,
    ];

    private static string ExternalIP(JsonElement item)
    {
        var external = List(item, "spec", "externalIPs").Select(a => a.GetString() ?? "");
        return Text(item, "spec", "type") switch
        {
            "ClusterIP" or "NodePort" => Or(string.Join(',', external)),
            "LoadBalancer" => Or(string.Join(',', Balancers(item).Concat(external)), "<pending>"),
            "ExternalName" => Text(item, "spec", "externalName"),
            _ => "<unknown>",
        };
    }

    private static string LoadBalancer(JsonElement item) => string.Join(',', Balancers(item));

    private static IEnumerable<string> Balancers(JsonElement item) => List(item, "status", "loadBalancer", "ingress")
        .Select(i => Or(Text(i, "ip"), Text(i, "hostname")))
        .Where(a => a.Length > 0).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    private static string Ports(JsonElement item) => Or(string.Join(',', List(item, "spec", "ports").Select(p =>
    {
        var node = Number(p, "nodePort");
        var port = Number(p, "port");
        return node > 0
            ? FormattableString.Invariant($"{port}:{node}/{Text(p, "protocol")}")
            : FormattableString.Invariant($"{port}/{Text(p, "protocol")}");
    })));

    private static string Selector(JsonElement item) => Or(string.Join(',', Map(item, "spec", "selector")
        .OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => $"{p.Name}={p.Value.GetString()}")));

    private static string Subsets(JsonElement item)
    {
        if (!List(item, "subsets").Any())
        {
            return "<none>";
        }

        List<string> addresses = [];
        foreach (var subset in List(item, "subsets"))
        {
            var ips = List(subset, "addresses").Select(a => Text(a, "ip"));
            addresses.AddRange(List(subset, "ports").Any()
                ? List(subset, "ports").SelectMany(p => ips.Select(ip => HostPort(ip, Number(p, "port"))))
                : ips);
        }

        return Some(addresses, Shown, "");
    }

    private static string HostPort(string host, long port) => host.Contains(':', StringComparison.Ordinal)
        ? FormattableString.Invariant($"[{host}]:{port}") : FormattableString.Invariant($"{host}:{port}");

    private static string SlicePort(JsonElement port) =>
        Find(port, "port").ValueKind == JsonValueKind.Number ? Number(port, "port").ToString(CultureInfo.InvariantCulture)
            : Find(port, "name").ValueKind == JsonValueKind.String ? Text(port, "name") : "*";

    private static string Hosts(JsonElement item)
    {
        var rules = List(item, "spec", "rules").Select(r => Text(r, "host")).ToList();
        List<string> shown = [];
        var more = false;
        foreach (var host in rules)
        {
            more |= shown.Count == Shown;
            if (!more && host.Length > 0)
            {
                shown.Add(host);
            }
        }

        return shown.Count == 0 ? "*"
            : more ? FormattableString.Invariant($"{string.Join(',', shown)} + {rules.Count - Shown} more...")
            : string.Join(',', shown);
    }

    private static string Parameters(JsonElement item)
    {
        var parameters = Find(item, "spec", "parameters");
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return "<none>";
        }

        var group = Find(parameters, "apiGroup").ValueKind == JsonValueKind.String ? "." + Text(parameters, "apiGroup") : "";
        return $"{Text(parameters, "kind")}{group}/{Text(parameters, "name")}";
    }
}
