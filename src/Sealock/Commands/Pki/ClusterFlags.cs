// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;
using Sealock.Cluster.Configuration;

namespace Sealock.Commands.Pki;

/// <summary>The flags that stand for a <c>cluster.yaml</c>: what it says, in fewer words.</summary>
internal sealed class ClusterFlags
{
    /// <summary>Each flag with the field that it sets; lists are repeatable or have commas.</summary>
    private readonly (Option Option, string Field)[] _fields;

    private readonly Option<string[]> _nodes = Many("--node", "NAME=ADDR[,ADDR…][:worker]", "a node of the control plane (or a worker) with its addresses and further DNS names; repeatable");
    private readonly Option<string[]> _workers = Many("--worker", "NAME=ADDR[,ADDR…]", "a worker with its addresses and further DNS names; repeatable");
    private readonly Option<bool> _intermediate = new("--intermediate-ca") { Description = "let an intermediate CA sign, under a root that can be put away" };

    public ClusterFlags()
    {
        _fields =
        [
            (One("--name", "NAME", "the cluster's name in kubeconfigs (default: kubernetes)"), "name"),
            (One("--endpoint", "HOST[:PORT]", "by which all clients reach the API servers (default: the only control-plane node's address)"), "endpoint"),
            (One("--service-cidr", "CIDR[,CIDR]", "addresses of services (default: 10.96.0.0/12)"), "serviceCIDR"),
            (One("--pod-cidr", "CIDR[,CIDR]", "addresses of pods"), "podCIDR"),
            (One("--dns-domain", "DOMAIN", "domain of services (default: cluster.local)"), "dnsDomain"),
            (One("--kubernetes-version", "VERSION", "settings are made for it, such as 1.33"), "kubernetesVersion"),
            (One("--key-algorithm", "NAME", $"{string.Join(", ", KeyAlgorithmNames.All)} (default: ECDSA-P256)"), "keyAlgorithm"),
            (One("--lifetime", "TIME", "of certificates (default: 365d)"), "lifetimes.certificates"),
            (One("--ca-lifetime", "TIME", "of CAs (default: 3650d)"), "lifetimes.ca"),
            (One("--layout", "LAYOUT", "kubeadm (default), or flat: one folder for each machine"), "layout"),
            (Many("--cert-san", "NAME", "further name or address of the API servers; repeatable"), "certSANs"),
            (Many("--external-etcd", "URL", "an etcd that this control plane does not run; repeatable"), "etcd.external"),
            (One("--owner", "USER:GROUP", "owner of files on control-plane nodes (default: root:root)"), "owner"),
        ];
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_nodes);
        command.Options.Add(_workers);
        foreach (var (option, _) in _fields)
            command.Options.Add(option);
        command.Options.Add(_intermediate);
    }

    /// <summary>Whether any of them was given.</summary>
    public bool Given(ParseResult result) => _fields.Select(field => field.Option).Append(_nodes).Append(_workers).Append(_intermediate)
        .Any(option => result.GetResult(option) is { Implicit: false });

    /// <summary>The configuration that the flags stand for.</summary>
    /// <exception cref="CommandException">Flags are wrong or missing; every mistake is told by the flag's name.</exception>
    public ClusterConfiguration Read(ParseResult result, bool keysApart)
    {
        var mistakes = new List<string>();
        var root = new JsonObject { ["apiVersion"] = "sealock.dev/v1", ["kind"] = "ClusterConfiguration" };
        foreach (var (option, field) in _fields)
        {
            JsonNode? value = option switch
            {
                Option<string> one => result.GetValue(one),
                Option<string[]> many when result.GetValue(many) is { Length: > 0 } texts => List(texts.SelectMany(text => text.Split(','))),
                _ => null,
            };
            if (value is not null)
                Set(root, field, value);
        }

        if (result.GetValue(_intermediate))
            root["intermediateCA"] = true;
        if (keysApart)
            root["caKeysApart"] = true;
        root["nodes"] = new JsonArray(
        [
            .. (result.GetValue(_nodes) ?? []).Select(text => Node(text, "--node", "control-plane", mistakes)),
            .. (result.GetValue(_workers) ?? []).Select(text => Node(text, "--worker", "worker", mistakes)),
        ]);
        if (mistakes.Count > 0)
            throw CommandException.Usage(mistakes);
        var (configuration, wrong) = ConfigurationReader.Read(YamlWriter.WriteInOrder(root));
        return configuration ?? throw CommandException.Usage([.. wrong.Select(AsFlag)]);
    }

    private static JsonObject? Node(string text, string flag, string role, List<string> mistakes)
    {
        foreach (var (suffix, named) in new[] { (":worker", "worker"), (":control-plane", "control-plane") })
        {
            if (text.EndsWith(suffix, StringComparison.Ordinal))
                (text, role) = (text[..^suffix.Length], named);
        }

        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        var names = parts.Length == 2 ? parts[1].Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) : [];
        var addresses = names.Where(name => System.Net.IPAddress.TryParse(name, out _)).ToList();
        if (parts[0].Length == 0 || addresses.Count == 0)
        {
            mistakes.Add($"{flag}: \"{text}\" names no address; write NAME=ADDRESS, such as master1=10.0.0.1");
            return null;
        }

        return new()
        {
            ["name"] = parts[0],
            ["role"] = role,
            ["addresses"] = List(addresses),
            ["dnsNames"] = List(names.Except(addresses)),
        };
    }

    private string AsFlag(string mistake)
    {
        foreach (var (option, field) in _fields.Append((_nodes, "nodes")))
        {
            if (mistake.StartsWith(field, StringComparison.Ordinal) && mistake.Length > field.Length && mistake[field.Length] is ' ' or '[' or ':')
                return option.Name + (field == "nodes" ? ": " + mistake : mistake[field.Length..]);
        }

        return mistake;
    }

    private static void Set(JsonObject root, string field, JsonNode value)
    {
        if (field.Split('.') is not [var parent, var child])
        {
            root[field] = value;
            return;
        }

        var below = root[parent] as JsonObject ?? [];
        root[parent] = below;
        below[child] = value;
    }

    private static JsonArray List(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);

    private static Option<string> One(string name, string help, string description) => new(name) { Description = description, HelpName = help };

    private static Option<string[]> Many(string name, string help, string description) => new(name) { Description = description, HelpName = help };
}
