// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;

namespace Sealock.Cluster.Configuration;

/// <summary>Writes a configuration so that reading it gives the same one.</summary>
public static class ConfigurationWriter
{
    /// <summary>The text of <c>cluster.yaml</c>.</summary>
    public static string Write(ClusterConfiguration configuration)
    {
        var defaults = new ClusterConfiguration { EndpointHost = "", Nodes = [] };
        var root = new JsonObject
        {
            ["apiVersion"] = "sealock.dev/v1",
            ["kind"] = "ClusterConfiguration",
            ["name"] = configuration.Name,
            ["kubernetesVersion"] = configuration.KubernetesVersion.ToString(),
            ["endpoint"] = configuration.EndpointUrl["https://".Length..],
            ["serviceCIDR"] = string.Join(',', configuration.ServiceCidrs),
        };
        if (configuration.PodCidrs.Count > 0)
            root["podCIDR"] = string.Join(',', configuration.PodCidrs);
        root["dnsDomain"] = configuration.DnsDomain;
        root["layout"] = configuration.Layout == ClusterLayout.Flat ? "flat" : "kubeadm";
        root["keyAlgorithm"] = KeyAlgorithmNames.NameOf(configuration.KeyAlgorithm);
        root["lifetimes"] = new JsonObject
        {
            ["ca"] = Duration(configuration.AuthorityLifetime),
            ["certificates"] = Duration(configuration.CertificateLifetime),
        };
        if (configuration.IntermediateAuthority)
            root["intermediateCA"] = true;
        if (configuration.AuthorityKeysApart)
            root["caKeysApart"] = true;
        if (configuration.ExtraServerNames.Count > 0)
            root["certSANs"] = List(configuration.ExtraServerNames);
        if (configuration.ExternalEtcd.Count > 0)
            root["etcd"] = new JsonObject { ["external"] = List(configuration.ExternalEtcd) };
        if (configuration.ControlPlaneOwner != defaults.ControlPlaneOwner)
            root["owner"] = configuration.ControlPlaneOwner;
        if (Images(configuration, defaults) is { Count: > 0 } images)
            root["images"] = images;
        if (configuration.TokenUsers.Count > 0)
            root["tokens"] = new JsonArray([.. configuration.TokenUsers.Select(TokenUser)]);
        if (configuration.ServerTlsBootstrap)
            root["serverTLSBootstrap"] = true;
        root["nodes"] = new JsonArray([.. configuration.Nodes.Select(Node)]);
        return YamlWriter.WriteInOrder(root);
    }

    private static JsonObject Images(ClusterConfiguration configuration, ClusterConfiguration defaults)
    {
        var images = new JsonObject();
        if (configuration.ImageRepository != defaults.ImageRepository)
            images["repository"] = configuration.ImageRepository;
        if (configuration.EtcdImage is { } etcd)
            images["etcd"] = etcd;
        return images;
    }

    private static JsonObject TokenUser(TokenUser user) => new() { ["user"] = user.Name, ["groups"] = List(user.Groups) };

    private static JsonObject Node(ClusterNode node)
    {
        var entry = new JsonObject
        {
            ["name"] = node.Name,
            ["role"] = node.IsControlPlane ? "control-plane" : "worker",
            ["addresses"] = List(node.Addresses.Select(address => address.ToString())),
        };
        if (node.DnsNames.Count > 0)
            entry["dnsNames"] = List(node.DnsNames);
        if (node.Ssh is { } ssh)
            entry["ssh"] = ssh;
        return entry;
    }

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static string Duration(TimeSpan time) => time.Ticks % TimeSpan.TicksPerDay == 0
        ? time.Days.ToString(CultureInfo.InvariantCulture) + "d"
        : ((long)time.TotalSeconds).ToString(CultureInfo.InvariantCulture) + "s";
}
