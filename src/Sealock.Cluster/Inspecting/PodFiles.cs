// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace Sealock.Cluster.Inspecting;

/// <summary>
/// The flags by which kube-apiserver, kube-controller-manager, kube-scheduler, kube-proxy, kubelet and etcd are told of files
/// with certificates, keys and kubeconfigs, and the files that a pod's containers name by them.
/// </summary>
internal static class PodFiles
{
    /// <summary>Flag to the pair it belongs to: what has the same pair should fit together.</summary>
    private static readonly FrozenDictionary<string, string> Pairs = new Dictionary<string, string>
    {
        ["tls-cert-file"] = "serving",
        ["tls-private-key-file"] = "serving",
        ["client-ca-file"] = "",
        ["kubelet-client-certificate"] = "kubelet client",
        ["kubelet-client-key"] = "kubelet client",
        ["kubelet-certificate-authority"] = "",
        ["etcd-cafile"] = "",
        ["etcd-certfile"] = "etcd client",
        ["etcd-keyfile"] = "etcd client",
        ["proxy-client-cert-file"] = "front proxy client",
        ["proxy-client-key-file"] = "front proxy client",
        ["requestheader-client-ca-file"] = "",
        ["service-account-key-file"] = "service account verification",
        ["service-account-signing-key-file"] = "service account",
        ["service-account-private-key-file"] = "service account",
        ["oidc-ca-file"] = "",
        ["root-ca-file"] = "",
        ["cluster-signing-cert-file"] = "signing",
        ["cluster-signing-key-file"] = "signing",
        ["cluster-signing-kubelet-serving-cert-file"] = "signing kubelet serving",
        ["cluster-signing-kubelet-serving-key-file"] = "signing kubelet serving",
        ["cluster-signing-kubelet-client-cert-file"] = "signing kubelet client",
        ["cluster-signing-kubelet-client-key-file"] = "signing kubelet client",
        ["cluster-signing-kube-apiserver-client-cert-file"] = "signing apiserver client",
        ["cluster-signing-kube-apiserver-client-key-file"] = "signing apiserver client",
        ["cluster-signing-legacy-unknown-cert-file"] = "signing legacy unknown",
        ["cluster-signing-legacy-unknown-key-file"] = "signing legacy unknown",
        ["cert-file"] = "serving",
        ["key-file"] = "serving",
        ["trusted-ca-file"] = "",
        ["peer-cert-file"] = "peer",
        ["peer-key-file"] = "peer",
        ["peer-trusted-ca-file"] = "",
        ["client-cert-file"] = "client",
        ["client-key-file"] = "client",
        ["peer-client-cert-file"] = "peer client",
        ["peer-client-key-file"] = "peer client",
        ["client-crl-file"] = "",
        ["peer-crl-file"] = "",
        ["kubeconfig"] = "",
        ["bootstrap-kubeconfig"] = "",
        ["authentication-kubeconfig"] = "",
        ["authorization-kubeconfig"] = "",
    }.ToFrozenDictionary();

    /// <summary>True for a flag that names a file of ours.</summary>
    public static bool IsKnown(string name) => Pairs.ContainsKey(name);

    /// <summary>The files that the containers of a pod name, as paths of the host.</summary>
    public static IEnumerable<FileReference> Find(JsonObject pod)
    {
        if (pod["spec"] is not JsonObject spec)
            yield break;
        var mounts = HostPaths(spec);
        foreach (var container in Objects(spec["containers"]).Concat(Objects(spec["initContainers"])))
        {
            var name = Text(container["name"]) ?? "";
            foreach (var (flag, value) in Flags([.. Texts(container["command"]), .. Texts(container["args"])]))
            {
                if (flag == "tls-sni-cert-key")
                {
                    foreach (var path in value.Split(':')[0].Split(',').Take(2))
                        yield return Reference(path, flag, "SNI " + value);
                }
                else if (Pairs.TryGetValue(flag, out var pair))
                {
                    yield return Reference(value, flag, pair);
                }
            }

            FileReference Reference(string path, string flag, string pair) =>
                new(OnHost(path, container, mounts), "--" + flag, pair.Length == 0 ? "" : $"{name} {pair}");
        }
    }

    private static IEnumerable<(string Flag, string Value)> Flags(IReadOnlyList<string> arguments)
    {
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            var name = argument.TrimStart('-');
            if (name.Length == argument.Length)
                continue;
            var equals = name.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0)
                yield return (name[..equals], name[(equals + 1)..].Trim('"', '\''));
            else if (i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-'))
                yield return (name, arguments[i + 1]);
        }
    }

    /// <summary>The host's path of each volume that is one.</summary>
    private static Dictionary<string, string> HostPaths(JsonObject spec)
    {
        var paths = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var volume in Objects(spec["volumes"]))
        {
            if (Text(volume["name"]) is { } name && Text((volume["hostPath"] as JsonObject)?["path"]) is { } path)
                paths[name] = path;
        }

        return paths;
    }

    private static string OnHost(string path, JsonObject container, Dictionary<string, string> hostPaths)
    {
        var best = ("", "");
        foreach (var mount in Objects(container["volumeMounts"]))
        {
            if (Text(mount["mountPath"])?.TrimEnd('/') is { Length: > 0 } at && Text(mount["name"]) is { } volume
                && hostPaths.TryGetValue(volume, out var host) && at.Length > best.Item1.Length
                && (path == at || path.StartsWith(at + "/", StringComparison.Ordinal)))
            {
                best = (at, Path.Join(host, Text(mount["subPath"]) ?? ""));
            }
        }

        return best.Item1.Length == 0 ? path : best.Item2.TrimEnd('/') + path[best.Item1.Length..];
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static IEnumerable<string> Texts(JsonNode? list) => (list as JsonArray ?? []).Select(Text).OfType<string>();

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
