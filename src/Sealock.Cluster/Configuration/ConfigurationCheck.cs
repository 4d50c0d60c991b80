// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.RegularExpressions;

namespace Sealock.Cluster.Configuration;

/// <summary>What a configuration must hold to be worked with, wherever it came from.</summary>
public static partial class ConfigurationCheck
{
    /// <summary>The most nodes of one cluster (Kubernetes' own bound is 5,000).</summary>
    public const int MaxNodes = 10_000;

    /// <summary>The shortest lifetime that is made: what is shorter is used up while it is distributed.</summary>
    public static readonly TimeSpan ShortestLifetime = TimeSpan.FromMinutes(10);

    /// <summary>The longest lifetime that is made; longer ones help only those who find the key.</summary>
    public static readonly TimeSpan LongestLifetime = TimeSpan.FromDays(365 * 30);

    /// <summary>Every mistake, each with the field's path and what to write; none where the configuration is sound.</summary>
    public static IReadOnlyList<string> Mistakes(ClusterConfiguration configuration)
    {
        var mistakes = new List<string>();
        if (!configuration.ControlPlane.Any())
            mistakes.Add("nodes has no control plane; give one node the role control-plane");
        if (configuration.Nodes.Count > MaxNodes)
            mistakes.Add($"nodes has {configuration.Nodes.Count} entries; at most {MaxNodes} are handled");
        foreach (var twice in configuration.Nodes.GroupBy(node => node.Name).Where(group => group.Count() > 1))
            mistakes.Add($"nodes has {twice.Key} {twice.Count()} times; every node needs a name of its own");
        foreach (var twice in configuration.Nodes.SelectMany(node => node.Addresses.Distinct().Select(address => (node.Name, address)))
            .Where(pair => !IPAddress.IsLoopback(pair.address)).GroupBy(pair => pair.address).Where(group => group.Count() > 1))
            mistakes.Add($"nodes {string.Join(" and ", twice.Select(pair => pair.Name))} both have the address {twice.Key}");
        foreach (var node in configuration.Nodes)
        {
            if (!IsName(node.Name))
                mistakes.Add($"nodes has the name \"{node.Name}\"; write a DNS name in lower case, such as node1");
            foreach (var name in node.DnsNames.Where(name => !IsName(name)))
                mistakes.Add($"nodes: {node.Name} has the DNS name \"{name}\"; write one such as node1.example.com");
        }

        foreach (var name in configuration.ExtraServerNames.Where(name => !IPAddress.TryParse(name, out _) && !IsName(WithoutWildcard(name))))
            mistakes.Add($"certSANs has \"{name}\"; write DNS names and IP addresses");
        if (!IsName(configuration.DnsDomain))
            mistakes.Add($"dnsDomain is \"{configuration.DnsDomain}\"; write one such as cluster.local");
        if (!Name().IsMatch(configuration.Name))
            mistakes.Add($"name is \"{configuration.Name}\"; use letters, digits, dots and dashes");
        if (configuration.ServiceCidrs.Count is 0 or > 2 || configuration.ServiceCidrs.Any(TooSmall))
            mistakes.Add("serviceCIDR must be one range, or one of each family, with room for at least 16 addresses");
        foreach (var url in configuration.ExternalEtcd.Where(url => !EtcdUrl().IsMatch(url)))
            mistakes.Add($"etcd.external has \"{url}\"; write https URLs such as https://etcd1:2379: etcd holds every secret of the cluster");
        if (!Owner().IsMatch(configuration.ControlPlaneOwner))
            mistakes.Add($"owner is \"{configuration.ControlPlaneOwner}\"; write user:group, such as kube:kube");
        mistakes.AddRange(SettingMistakes(configuration));
        foreach (var (field, lifetime) in new[] { ("ca", configuration.AuthorityLifetime), ("certificates", configuration.CertificateLifetime) })
        {
            if (lifetime < ShortestLifetime || lifetime > LongestLifetime)
                mistakes.Add($"lifetimes.{field} must lie between 10m and {LongestLifetime.Days}d");
        }

        if (configuration.CertificateLifetime > configuration.AuthorityLifetime)
            mistakes.Add("lifetimes.certificates is longer than lifetimes.ca; no certificate outlives its CA");
        return mistakes;
    }

    private static IEnumerable<string> SettingMistakes(ClusterConfiguration configuration)
    {
        if (!configuration.KubernetesVersion.IsAtLeast(KubernetesVersion.Oldest.Minor))
        {
            yield return $"kubernetesVersion is {configuration.KubernetesVersion}; settings are made for {KubernetesVersion.Oldest} and later";
        }

        if (configuration.ServiceCidrs.Count > 1 && !configuration.KubernetesVersion.IsAtLeast(21))
            yield return $"serviceCIDR has two ranges; that takes kubernetesVersion 1.21 or later, and it is {configuration.KubernetesVersion}";
        if (!configuration.KubernetesVersion.IsAtLeast(33))
        {
            foreach (var range in configuration.ServiceCidrs.Where(range => HostBits(range) > 20))
                yield return $"serviceCIDR has {range}; API servers before 1.33 take at most 2^20 addresses, such as 10.96.0.0/12 or fd00::/108";
        }

        if (configuration.PodCidrs.Count > configuration.ServiceCidrs.Count)
            yield return "podCIDR has more ranges than serviceCIDR; write one of each family for both";
        foreach (var image in new[] { configuration.ImageRepository, configuration.EtcdImage ?? "etcd" }.Where(image => !Image().IsMatch(image)))
            yield return $"images has \"{image}\"; write one such as registry.example.com/kubernetes";
        foreach (var twice in configuration.TokenUsers.GroupBy(user => user.Name).Where(group => group.Count() > 1))
            yield return $"tokens has {twice.Key} {twice.Count()} times; every user has one token";
        foreach (var name in configuration.TokenUsers.SelectMany(user => user.Groups.Prepend(user.Name)).Where(name => !TokenName().IsMatch(name)))
            yield return $"tokens has the name \"{name}\"; use letters, digits and any of . _ : @ -";
    }

    private static bool IsName(string name) => name.Length <= 253 && DnsName().IsMatch(name);

    private static string WithoutWildcard(string name) => name.StartsWith("*.", StringComparison.Ordinal) ? name[2..] : name;

    private static bool TooSmall(IPNetwork network) => HostBits(network) < 4;

    private static int HostBits(IPNetwork network) => (network.BaseAddress.GetAddressBytes().Length * 8) - network.PrefixLength;

    [GeneratedRegex("^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?([.][a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$")]
    private static partial Regex DnsName();

    [GeneratedRegex("^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$")]
    private static partial Regex Name();

    [GeneratedRegex("^[a-z0-9_][a-z0-9_-]{0,31}:[a-z0-9_][a-z0-9_-]{0,31}$")]
    private static partial Regex Owner();

    [GeneratedRegex("^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?/?$|^https://\\[[0-9A-Fa-f:.]+\\](:[0-9]{1,5})?/?$")]
    private static partial Regex EtcdUrl();

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9./:@_-]{0,254}$")]
    private static partial Regex Image();

    [GeneratedRegex("^[A-Za-z0-9._:@-]{1,253}$")]
    private static partial Regex TokenName();
}
