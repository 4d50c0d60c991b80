// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Importing;

/// <summary>Which nodes a folder tells of, with names and addresses.</summary>
internal static class NodeInference
{
    private const string NodeUser = "system:node:";

    /// <summary>File names of hand-made folders that are no node's.</summary>
    private static readonly HashSet<string> Roles = ["ca", "server", "apiserver", "admin", "kubecfg", "kubelet", "client", "front-proxy-ca", "front-proxy-client",
        "kube-proxy", "kube-scheduler", "kube-controller-manager", "ca-signing", "apiserver-kubelet-client", "apiserver-etcd-client", "etcd-ca", "etcd-server",
        "etcd-peer", "etcd-healthcheck-client", "service-account", "kubernetes"];

    /// <summary>The folder's own node first, then workers whose certificates were made in a flat folder beside it.</summary>
    public static IEnumerable<ClusterNode> Nodes(FoundNode found, List<string> notes)
    {
        var own = found.ApiServer is not null || found.Components.ContainsKey("kube-apiserver");
        var others = found.Layout == ClusterLayout.Flat ? Workers(found) : [];
        if (!own && found.Layout == ClusterLayout.Flat && found.GivenName is null && others is [var worker])
        {
            yield return Node(worker, isControlPlane: false, Addresses(found, notes, worker));
            yield break;
        }

        var name = found.GivenName ?? Name(found, notes);
        yield return Node(name, own, Addresses(found, notes, name));
        foreach (var other in others.Where(other => other != name))
        {
            notes.Add($"nodes: {other}.crt tells no address of {other}; 127.0.0.1 stands for it until you write the right one");
            yield return Node(other, isControlPlane: false, [IPAddress.Loopback]);
        }
    }

    /// <summary>Whether a name is the API service's, inside the cluster.</summary>
    public static bool IsServiceName(string name) => name == "kubernetes" || name.StartsWith("kubernetes.default", StringComparison.Ordinal) || name == "localhost";

    private static ClusterNode Node(string name, bool isControlPlane, IReadOnlyList<IPAddress> addresses) =>
        new() { Name = name.ToLowerInvariant(), IsControlPlane = isControlPlane, Addresses = addresses };

    private static List<string> Workers(FoundNode found) => [.. found.Certificates
        .Where(pair => !Roles.Contains(pair.Key) && !pair.Value.IsCa && found.Keys.Contains(pair.Key)
            && (pair.Value.Subject.CommonName == pair.Key || pair.Value.Subject.CommonName == NodeUser + pair.Key))
        .Select(pair => pair.Key)];

    private static string Name(FoundNode found, List<string> notes)
    {
        var name = NodeUserOf(found.Clients.GetValueOrDefault("kubelet.conf"))
            ?? found.Find("etcd/server")?.Subject.CommonName
            ?? found.Find("etcd-server")?.Subject.CommonName
            ?? found.FlagsOf("etcd")["name"]
            ?? NodeUserOf(found.Find("kubelet"))
            ?? found.Find("kubelet")?.Subject.CommonName?.Split('@')[0];
        if (name is not null)
            return name;
        var endpoint = found.Kubeconfigs.GetValueOrDefault("admin.conf")?.Cluster.Server;
        name = found.ApiServer?.Names.DnsNames
            .Where(candidate => !IsServiceName(candidate) && !candidate.StartsWith('*'))
            .OrderBy(candidate => endpoint?.Contains($"//{candidate}:", StringComparison.Ordinal) ?? false)
            .ThenBy(candidate => candidate.Contains('.', StringComparison.Ordinal))
            .FirstOrDefault() ?? "node1";
        notes.Add($"nodes: no certificate or manifest names the node of {found.PkiFolder}; {name} was assumed");
        return name;
    }

    private static string? NodeUserOf(Certificate? certificate) =>
        certificate?.Subject.CommonName is { } name && name.StartsWith(NodeUser, StringComparison.Ordinal) ? name[NodeUser.Length..] : null;

    private static List<IPAddress> Addresses(FoundNode found, List<string> notes, string name)
    {
        List<IPAddress> addresses =
        [
            .. Parsed(found.FlagsOf("kube-apiserver")["advertise-address"]),
            .. Parsed(HostOf(found, "controller-manager.conf")),
            .. (found.Find("etcd/server") ?? found.Find("etcd-server"))?.Names.IpAddresses ?? [],
            .. found.Find("kubelet")?.Names.IpAddresses ?? [],
        ];
        if (addresses.All(IPAddress.IsLoopback) && found.ApiServer is { } server)
        {
            addresses.AddRange(Parsed(HostOf(found, "admin.conf")));
            var service = ServiceAddress.Find(server, addresses.ToHashSet());
            addresses.AddRange(server.Names.IpAddresses.Where(address => !address.Equals(service)).Take(1));
        }

        addresses = [.. addresses.Where(address => !IPAddress.IsLoopback(address)).Distinct()];
        if (addresses.Count > 0)
            return addresses;
        notes.Add($"nodes: nothing tells the address of {name}; 127.0.0.1 stands for it until you write the right one");
        return [IPAddress.Loopback];
    }

    private static IEnumerable<IPAddress> Parsed(string? text) => IPAddress.TryParse(text, out var address) ? [address] : [];

    private static string? HostOf(FoundNode found, string kubeconfig) =>
        found.Kubeconfigs.GetValueOrDefault(kubeconfig) is { } target && ConfigurationReader.ParseEndpoint(target.Cluster.Server) is { } endpoint
            ? endpoint.Host : null;
}
