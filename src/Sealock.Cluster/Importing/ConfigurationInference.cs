// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Importing;

/// <summary>
/// Understands a cluster from the files of its nodes: kubeadm's folders, or flat ones made by hand. Looks only; nothing
/// is changed.
/// </summary>
public sealed class ConfigurationInference
{
    private static readonly TimeSpan SensibleLifetime = TimeSpan.FromDays(3 * 366);

    /// <summary>The kubeconfigs that name the endpoint, the surest first.</summary>
    private static readonly string[] ToTheEndpoint = ["admin.conf", "super-admin.conf", "kubelet.conf", "kube-proxy.conf"];

    private readonly IReadOnlyList<FoundNode> _found;
    private readonly List<string> _notes = [];

    private ConfigurationInference(IReadOnlyList<FoundNode> found) => _found = found;

    /// <summary>Understands one folder: <c>/etc/kubernetes/pki</c>, a copy of it, or a flat folder.</summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    public static InferredCluster Infer(string folder) => Infer([(null, folder)]);

    /// <summary>Understands the folders of several nodes, each with the node's name where it is known.</summary>
    /// <exception cref="DirectoryNotFoundException">One of the folders does not exist.</exception>
    public static InferredCluster Infer(IReadOnlyList<(string? Node, string Folder)> folders) =>
        new ConfigurationInference([.. folders.Select(folder => NodeSearch.Look(folder.Node, folder.Folder))]).Run();

    private InferredCluster Run()
    {
        var nodes = new List<(ClusterNode Node, FoundNode Found)>();
        foreach (var found in _found)
        {
            var known = nodes.Select(pair => pair.Node.Name).ToHashSet();
            nodes.AddRange(NodeInference.Nodes(found, _notes).Where(node => known.Add(node.Name)).Select(node => (node, found)));
        }

        var inOrder = nodes.OrderByDescending(pair => pair.Node.IsControlPlane).ToList();
        var first = inOrder[0].Found;
        var (host, port) = Endpoint(inOrder);
        var controlPlanes = _found.Where(found => found.ApiServer is not null).ToList();
        var configuration = new ClusterConfiguration
        {
            Name = NamedInKubeconfigs() ?? "kubernetes",
            KubernetesVersion = Version(first),
            EndpointHost = host,
            EndpointPort = port,
            ServiceCidrs = ServiceRanges(inOrder),
            PodCidrs = Ranges(first.FlagsOf("kube-controller-manager").List("cluster-cidr")),
            DnsDomain = Domain(),
            Nodes = [.. inOrder.Select(pair => pair.Node)],
            Layout = first.Layout,
            KeyAlgorithm = AlgorithmOf(first.ApiServer ?? first.Authority),
            AuthorityLifetime = Lifetime("CA certificates", first.Authority?.Lifetime, TimeSpan.FromDays(3650), ConfigurationCheck.LongestLifetime),
            CertificateLifetime = Lifetime("certificates", first.ApiServer?.Lifetime, TimeSpan.FromDays(365), SensibleLifetime),
            IntermediateAuthority = first.Authority is { IsSelfIssued: false },
            AuthorityKeysApart = controlPlanes.Count > 0 && controlPlanes.All(found => !found.Keys.Contains("ca")),
            ExternalEtcd = ExternalEtcd(inOrder),
        };
        if (configuration.CertificateLifetime > configuration.AuthorityLifetime)
            configuration = configuration with { CertificateLifetime = configuration.AuthorityLifetime };
        configuration = configuration with { ExtraServerNames = ExtraNames(configuration, inOrder) };
        return new()
        {
            Configuration = configuration,
            Folder = SetFolder.InPlace(first.PkiFolder, first.Layout, inOrder.ToDictionary(pair => pair.Node.Name, pair => pair.Found.Folder)),
            Notes = _notes,
            Problems = [.. _found.SelectMany(found => found.Problems).Distinct()],
            LeftOut = LeftOutNames.Of(configuration, _found),
        };
    }

    /// <summary>The version in the API server's image tag.</summary>
    private KubernetesVersion Version(FoundNode node)
    {
        if (node.FlagsOf("kube-apiserver").Image is { } image && image.LastIndexOf(':') is var colon and > 0
            && KubernetesVersion.TryParse(image[(colon + 1)..].Split('-', '+')[0], out var version))
            return version;
        _notes.Add($"kubernetesVersion: no manifest of kube-apiserver names it; {KubernetesVersion.Default} was assumed, and settings are made for it");
        return KubernetesVersion.Default;
    }

    private string? NamedInKubeconfigs() => _found.SelectMany(found => ToTheEndpoint.Append("controller-manager.conf")
            .Select(file => found.Kubeconfigs.GetValueOrDefault(file)?.Cluster.Name))
        .FirstOrDefault(name => name is { Length: > 0 and <= 63 } && name != "default-cluster" && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_'));

    private (string Host, int Port) Endpoint(List<(ClusterNode Node, FoundNode Found)> nodes)
    {
        foreach (var file in ToTheEndpoint)
        {
            foreach (var server in _found.Select(found => found.Kubeconfigs.GetValueOrDefault(file)?.Cluster.Server))
            {
                if (server is not null && ConfigurationReader.ParseEndpoint(server) is { } endpoint)
                    return endpoint;
            }
        }

        var port = int.TryParse(nodes[0].Found.FlagsOf("kube-apiserver")["secure-port"], out var secure) && secure is > 0 and <= 65535 ? secure : 6443;
        // Without a kubeconfig the name that is neither the service's nor the node's is the likeliest, as hand-made sets have it.
        var host = nodes[0].Found.ApiServer?.Names.DnsNames.FirstOrDefault(name => !NodeInference.IsServiceName(name) && !name.StartsWith('*'))
            ?? nodes[0].Node.Address.ToString();
        _notes.Add($"endpoint: no kubeconfig names the API server; {host}:{port} was assumed");
        return (host, port);
    }

    private List<IPNetwork> ServiceRanges(List<(ClusterNode Node, FoundNode Found)> nodes)
    {
        if (Ranges(nodes[0].Found.FlagsOf("kube-apiserver").List("service-cluster-ip-range")) is { Count: > 0 } given)
            return given;
        var taken = nodes.SelectMany(pair => pair.Node.Addresses).ToHashSet();
        if (ServiceAddress.Find(nodes[0].Found.ApiServer, taken) is { } address)
        {
            var range = ServiceAddress.UsualRange(address);
            _notes.Add($"serviceCIDR: no manifest of kube-apiserver names it; {range} was assumed from the address {address} in its certificate");
            return [range];
        }

        var usual = new ClusterConfiguration { EndpointHost = "", Nodes = [] }.ServiceCidrs;
        _notes.Add($"serviceCIDR: neither manifest nor certificate tells it; {usual[0]} was assumed");
        return [.. usual];
    }

    private string Domain()
    {
        const string prefix = "kubernetes.default.svc.";
        var name = _found.SelectMany(found => found.ApiServer?.Names.DnsNames ?? []).FirstOrDefault(name => name.StartsWith(prefix, StringComparison.Ordinal));
        if (name is not null)
            return name[prefix.Length..].TrimEnd('.').ToLowerInvariant();
        _notes.Add("dnsDomain: no certificate names it; cluster.local was assumed");
        return "cluster.local";
    }

    private List<string> ExternalEtcd(List<(ClusterNode Node, FoundNode Found)> nodes)
    {
        var flags = nodes[0].Found.FlagsOf("kube-apiserver");
        var own = nodes.Where(pair => pair.Node.IsControlPlane).SelectMany(pair => pair.Node.Addresses.Select(address => address.ToString()).Append(pair.Node.Name))
            .Append("localhost").Append("127.0.0.1").Append("::1").ToHashSet();
        var urls = flags.List("etcd-servers");
        var elsewhere = urls.Where(url => ConfigurationReader.ParseEndpoint(url.Replace("http://", "https://", StringComparison.Ordinal), 2379) is not { } at || !own.Contains(at.Host)).ToList();
        if (elsewhere.Count == 0 || elsewhere.Count < urls.Count)
            return [];
        if (elsewhere.All(url => url.StartsWith("https://", StringComparison.Ordinal)))
            return elsewhere;
        _notes.Add($"etcd.external: {string.Join(", ", elsewhere)} is not reached over https; it was left out");
        return [];
    }

    private List<string> ExtraNames(ClusterConfiguration configuration, List<(ClusterNode Node, FoundNode Found)> nodes)
    {
        var planned = ClusterPlan.For(configuration).Certificates.Where(certificate => certificate.Name == "apiserver").ToDictionary(certificate => certificate.Node.Name);
        var extra = nodes.Where(pair => pair.Node.IsControlPlane && pair.Found.ApiServer is not null)
            .SelectMany(pair => pair.Found.ApiServer!.Names.DnsNames.Concat(pair.Found.ApiServer.Names.IpAddresses.Select(address => address.ToString()))
                .Except(planned[pair.Node.Name].Names.Select(name => name.Text)))
            .Distinct().ToList();
        var sound = extra.Where(name => ConfigurationCheck.Mistakes(configuration with { ExtraServerNames = [name] }).Count
            == ConfigurationCheck.Mistakes(configuration).Count).ToList();
        if (extra.Except(sound).ToList() is { Count: > 0 } odd)
            _notes.Add($"certSANs: {string.Join(", ", odd)} in the API server's certificate is no name that a client could ask for; it was left out");
        return sound;
    }

    private TimeSpan Lifetime(string what, TimeSpan? found, TimeSpan usual, TimeSpan longest)
    {
        if (found is not { } lifetime)
            return usual;
        var whole = lifetime >= TimeSpan.FromDays(1)
            ? TimeSpan.FromDays(Math.Round(lifetime.TotalDays))
            : TimeSpan.FromMinutes(Math.Round(lifetime.TotalMinutes));
        if (whole >= ConfigurationCheck.ShortestLifetime && whole <= longest)
            return whole;
        _notes.Add($"lifetimes: the {what} found live {lifetime.TotalDays:0.#} days; new ones are to live {usual.TotalDays:0} days");
        return usual;
    }

    private KeyAlgorithm AlgorithmOf(Certificate? certificate)
    {
        KeyAlgorithm? algorithm = certificate?.PublicKey switch
        {
            { Kind: KeyKind.Ecdsa, Curve: "P-256" } => KeyAlgorithm.EcdsaP256,
            { Kind: KeyKind.Ecdsa, Curve: "P-384" } => KeyAlgorithm.EcdsaP384,
            { Kind: KeyKind.Ecdsa, Curve: "P-521" } => KeyAlgorithm.EcdsaP521,
            { Kind: KeyKind.Rsa, Bits: >= 4096 } => KeyAlgorithm.Rsa4096,
            { Kind: KeyKind.Rsa, Bits: >= 3072 } => KeyAlgorithm.Rsa3072,
            { Kind: KeyKind.Rsa, Bits: >= 2048 } => KeyAlgorithm.Rsa2048,
            _ => null,
        };
        if (algorithm is { } known)
            return known;
        if (certificate is not null)
            _notes.Add($"keyAlgorithm: a key of type {certificate.PublicKey.Description} is not made here; new ones are ECDSA P-256");
        return KeyAlgorithm.EcdsaP256;
    }

    private static List<IPNetwork> Ranges(IReadOnlyList<string> texts) =>
        [.. texts.Select(text => IPNetwork.TryParse(text, out var range) ? (IPNetwork?)range : null).OfType<IPNetwork>()];
}
