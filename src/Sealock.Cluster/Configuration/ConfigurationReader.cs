// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Yaml;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Configuration;

/// <summary>Reads <c>cluster.yaml</c>. Every mistake is told at once, each with the field's path and what to write.</summary>
public sealed class ConfigurationReader
{
    private const string ApiVersion = "sealock.dev/v1";
    private const string Kind = "ClusterConfiguration";

    private readonly List<string> _mistakes = [];

    private ConfigurationReader()
    {
    }

    /// <summary>Reads the text of a file.</summary>
    /// <returns>The configuration, or null with at least one mistake.</returns>
    public static (ClusterConfiguration? Configuration, IReadOnlyList<string> Mistakes) Read(string text)
    {
        if (!YamlReader.TryRead(text, out var document, out var error))
            return (null, [error]);
        if (document is not JsonObject root)
            return (null, [$"expected fields such as endpoint and nodes (apiVersion: {ApiVersion}, kind: {Kind})"]);
        var reader = new ConfigurationReader();
        var configuration = reader.Read(root);
        return reader._mistakes.Count > 0 ? (null, reader._mistakes) : (configuration, []);
    }

    /// <summary>An endpoint as <c>HOST</c>, <c>HOST:PORT</c>, <c>[IPv6]:PORT</c> or an https URL.</summary>
    /// <returns>Null where the text is none.</returns>
    public static (string Host, int Port)? ParseEndpoint(string text, int defaultPort = 6443)
    {
        var authority = text.StartsWith("https://", StringComparison.OrdinalIgnoreCase) ? text["https://".Length..].TrimEnd('/') : text;
        if (!authority.StartsWith('[') && IPAddress.TryParse(authority, out var address))
            return (address.ToString(), defaultPort);
        var colon = authority.EndsWith(']') ? -1 : authority.LastIndexOf(':');
        var (host, port) = (authority, defaultPort);
        if (colon >= 0)
        {
            if (!int.TryParse(authority.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is < 1 or > 65535)
                return null;
            host = authority[..colon];
        }

        host = host.Trim('[', ']').ToLowerInvariant();
        return IPAddress.TryParse(host, out address) ? (address.ToString(), port)
            : Uri.CheckHostName(host) == UriHostNameType.Dns ? (host, port) : null;
    }

    private ClusterConfiguration? Read(JsonObject root)
    {
        Known(root, "", "apiVersion", "kind", "name", "endpoint", "serviceCIDR", "podCIDR", "dnsDomain", "nodes", "layout",
            "keyAlgorithm", "lifetimes", "intermediateCA", "caKeysApart", "certSANs", "etcd", "owner",
            "kubernetesVersion", "images", "tokens", "serverTLSBootstrap");
        if (Text(root, "", "apiVersion", ApiVersion) is var version && version != ApiVersion)
            Mistake("apiVersion", $"is \"{version}\"; write {ApiVersion}");
        if (Text(root, "", "kind", Kind) is var kind && kind != Kind)
            Mistake("kind", $"is \"{kind}\"; write {Kind}");
        var defaults = new ClusterConfiguration { EndpointHost = "", Nodes = [] };
        var lifetimes = Object(root, "", "lifetimes");
        Known(lifetimes, "lifetimes.", "ca", "certificates");
        var etcd = Object(root, "", "etcd");
        Known(etcd, "etcd.", "external");
        var images = Object(root, "", "images");
        Known(images, "images.", "repository", "etcd");
        var endpoint = Text(root, "", "endpoint", "");
        var nodes = ReadNodes(root);
        var parsed = endpoint.Length == 0 && nodes.FirstOrDefault(node => node.IsControlPlane) is { } only && nodes.Count(node => node.IsControlPlane) == 1
            ? (only.Address.ToString(), 6443)
            : ParseEndpoint(endpoint);
        if (parsed is null)
        {
            Mistake("endpoint", endpoint.Length == 0
                ? "is missing; write the name and port by which all clients reach the API servers, such as api.example.com:6443"
                : $"is \"{endpoint}\"; write HOST:PORT, such as api.example.com:6443");
        }

        var configuration = new ClusterConfiguration
        {
            Name = Text(root, "", "name", defaults.Name),
            EndpointHost = parsed?.Host ?? "",
            EndpointPort = parsed?.Port ?? 6443,
            ServiceCidrs = Networks(root, "serviceCIDR") ?? defaults.ServiceCidrs,
            PodCidrs = Networks(root, "podCIDR") ?? [],
            DnsDomain = Text(root, "", "dnsDomain", defaults.DnsDomain),
            Nodes = [.. nodes.OrderByDescending(node => node.IsControlPlane)],
            Layout = Text(root, "", "layout", "kubeadm") switch
            {
                "kubeadm" => ClusterLayout.Kubeadm,
                "flat" => ClusterLayout.Flat,
                var other => Mistake("layout", $"is \"{other}\"; write kubeadm or flat", ClusterLayout.Kubeadm),
            },
            KeyAlgorithm = Algorithm(root),
            AuthorityLifetime = Lifetime(lifetimes, "ca", defaults.AuthorityLifetime),
            CertificateLifetime = Lifetime(lifetimes, "certificates", defaults.CertificateLifetime),
            IntermediateAuthority = Flag(root, "intermediateCA"),
            AuthorityKeysApart = Flag(root, "caKeysApart"),
            ExtraServerNames = Texts(root, "", "certSANs"),
            ExternalEtcd = Texts(etcd, "etcd.", "external"),
            ControlPlaneOwner = Text(root, "", "owner", defaults.ControlPlaneOwner),
            KubernetesVersion = Version(root),
            ImageRepository = Text(images, "images.", "repository", defaults.ImageRepository),
            EtcdImage = Text(images, "images.", "etcd", "") is { Length: > 0 } image ? image : null,
            TokenUsers = ReadTokenUsers(root),
            ServerTlsBootstrap = Flag(root, "serverTLSBootstrap"),
        };
        if (_mistakes.Count == 0)
            _mistakes.AddRange(ConfigurationCheck.Mistakes(configuration));
        return configuration;
    }

    private List<ClusterNode> ReadNodes(JsonObject root)
    {
        var nodes = new List<ClusterNode>();
        if (root["nodes"] is not JsonArray list)
        {
            Mistake("nodes", "is missing; list the machines, each with name, role and addresses");
            return nodes;
        }

        for (var i = 0; i < list.Count; i++)
        {
            var path = $"nodes[{i}].";
            if (list[i] is not JsonObject node)
            {
                Mistake($"nodes[{i}]", "is no object; write name, role and addresses");
                continue;
            }

            Known(node, path, "name", "role", "addresses", "dnsNames", "ssh");
            var role = Text(node, path, "role", "worker");
            if (role is not ("control-plane" or "worker"))
                Mistake(path + "role", $"is \"{role}\"; write control-plane or worker");
            var addresses = new List<IPAddress>();
            foreach (var text in Texts(node, path, "addresses"))
            {
                if (IPAddress.TryParse(text, out var address))
                    addresses.Add(address);
                else
                    Mistake(path + "addresses", $"has \"{text}\"; write IP addresses (names belong to dnsNames)");
            }

            if (addresses.Count == 0)
            {
                Mistake(path + "addresses", "is empty; write at least the address that the node is reached by");
                continue;
            }

            nodes.Add(new()
            {
                Name = Text(node, path, "name", ""),
                IsControlPlane = role == "control-plane",
                Addresses = addresses,
                DnsNames = Texts(node, path, "dnsNames"),
                Ssh = Text(node, path, "ssh", "") is { Length: > 0 } ssh ? ssh : null,
            });
        }

        return nodes;
    }

    private List<TokenUser> ReadTokenUsers(JsonObject root)
    {
        var users = new List<TokenUser>();
        if (root["tokens"] is not { } value)
            return users;
        if (value is not JsonArray list)
            return Mistake("tokens", "is no list; write users, each with user and groups", users);
        for (var i = 0; i < list.Count; i++)
        {
            var path = $"tokens[{i}].";
            if (list[i] is not JsonObject user)
            {
                Mistake($"tokens[{i}]", "is no object; write user and groups");
                continue;
            }

            Known(user, path, "user", "groups");
            users.Add(new(Text(user, path, "user", ""), Texts(user, path, "groups")));
        }

        return users;
    }

    private KubernetesVersion Version(JsonObject root)
    {
        var text = Text(root, "", "kubernetesVersion", KubernetesVersion.Default.ToString());
        return KubernetesVersion.TryParse(text, out var version)
            ? version
            : Mistake("kubernetesVersion", $"is \"{text}\"; write one such as {KubernetesVersion.Default}", KubernetesVersion.Default);
    }

    private KeyAlgorithm Algorithm(JsonObject root)
    {
        var name = Text(root, "", "keyAlgorithm", "ECDSA-P256");
        return KeyAlgorithmNames.Find(name)
            ?? Mistake("keyAlgorithm", $"is \"{name}\"; write one of {string.Join(", ", KeyAlgorithmNames.All)}", KeyAlgorithm.EcdsaP256);
    }

    private TimeSpan Lifetime(JsonObject? lifetimes, string field, TimeSpan otherwise)
    {
        var text = Text(lifetimes, "lifetimes.", field, "");
        if (text.Length == 0)
            return otherwise;
        return GoDuration.TryParse(text, out var duration)
            ? duration
            : Mistake("lifetimes." + field, $"is \"{text}\"; write a duration such as 365d or 8760h", otherwise);
    }

    private List<IPNetwork>? Networks(JsonObject root, string field)
    {
        if (root[field] is null)
            return null;
        var networks = new List<IPNetwork>();
        foreach (var text in Texts(root, "", field))
        {
            if (IPNetwork.TryParse(text, out var network))
                networks.Add(network);
            else
                Mistake(field, $"has \"{text}\"; write ranges such as 10.96.0.0/12 (the address must be the range's first)");
        }

        return networks;
    }

    private static JsonNode? Value(JsonObject? parent, string field) => parent?[field];

    private JsonObject? Object(JsonObject parent, string path, string field)
    {
        if (Value(parent, field) is not { } value)
            return null;
        return value as JsonObject ?? Mistake<JsonObject?>(path + field, "is no object; write fields below it", null);
    }

    private string Text(JsonObject? parent, string path, string field, string otherwise)
    {
        if (Value(parent, field) is not { } value)
            return otherwise;
        return value is JsonValue && value.GetValueKind() is System.Text.Json.JsonValueKind.String or System.Text.Json.JsonValueKind.Number
            ? value.ToString()
            : Mistake(path + field, "is no text", otherwise);
    }

    /// <summary>A list of texts, a single text, or one text with commas.</summary>
    private IReadOnlyList<string> Texts(JsonObject? parent, string path, string field)
    {
        switch (Value(parent, field))
        {
            case null:
                return [];
            case JsonArray list when list.All(item => item is JsonValue):
                return [.. list.Select(item => item!.ToString())];
            case JsonValue single:
                return single.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
            default:
                return Mistake<IReadOnlyList<string>>(path + field, "is no list of texts", []);
        }
    }

    private bool Flag(JsonObject root, string field) => Value(root, field) switch
    {
        null => false,
        JsonValue value when value.TryGetValue<bool>(out var flag) => flag,
        _ => Mistake(field, "is neither true nor false", false),
    };

    private void Known(JsonObject? parent, string path, params string[] fields)
    {
        foreach (var (name, _) in parent ?? [])
        {
            if (!fields.Contains(name))
                Mistake(path + name, $"is not known; there are: {string.Join(", ", fields)}");
        }
    }

    private void Mistake(string path, string text) => _mistakes.Add($"{path} {text}");

    private T Mistake<T>(string path, string text, T instead)
    {
        Mistake(path, text);
        return instead;
    }
}
