// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Sealock.Api.Kubeconfigs;

/// <summary>Writes entries as kubeconfigs hold them; empty fields are left out.</summary>
internal static class KubeconfigEntryWriter
{
    public static JsonObject Write(KubeconfigCluster cluster) => Entry(cluster.Name, "cluster", new()
    {
        ["server"] = cluster.Server,
        ["certificate-authority"] = Text(cluster.CertificateAuthority),
        ["certificate-authority-data"] = Data(cluster.CertificateAuthorityData),
        ["tls-server-name"] = Text(cluster.TlsServerName),
        ["proxy-url"] = Text(cluster.ProxyUrl),
        ["insecure-skip-tls-verify"] = cluster.InsecureSkipTlsVerify ? true : null,
    });

    public static JsonObject Write(KubeconfigUser user) => Entry(user.Name, "user", new()
    {
        ["client-certificate"] = Text(user.ClientCertificate),
        ["client-certificate-data"] = Data(user.ClientCertificateData),
        ["client-key"] = Text(user.ClientKey),
        ["client-key-data"] = Data(user.ClientKeyData),
        ["token"] = Text(user.Token),
        ["tokenFile"] = Text(user.TokenFile),
        ["exec"] = user.Exec is { } exec ? Write(exec) : null,
    });

    public static JsonObject Write(KubeconfigContext context) => Entry(context.Name, "context", new()
    {
        ["cluster"] = context.Cluster,
        ["user"] = Text(context.User),
        ["namespace"] = Text(context.Namespace),
    });

    private static JsonObject Write(KubeconfigExec exec) => WithoutNulls(new()
    {
        ["apiVersion"] = Text(exec.ApiVersion),
        ["command"] = exec.Command,
        ["args"] = exec.Arguments.IsEmpty ? null : new JsonArray([.. exec.Arguments.Select(a => (JsonNode?)a)]),
        ["env"] = exec.Environment.IsEmpty ? null : new JsonArray(
            [.. exec.Environment.Select(v => (JsonNode?)new JsonObject { ["name"] = v.Key, ["value"] = v.Value })]),
        ["installHint"] = Text(exec.InstallHint),
        ["interactiveMode"] = Text(exec.InteractiveMode),
        ["provideClusterInfo"] = exec.ProvideClusterInfo,
    });

    private static JsonObject Entry(string name, string field, JsonObject value) =>
        new() { ["name"] = name, [field] = WithoutNulls(value) };

    private static JsonObject WithoutNulls(JsonObject map)
    {
        foreach (var field in map.Where(p => p.Value is null).Select(p => p.Key).ToList())
        {
            map.Remove(field);
        }

        return map;
    }

    private static JsonNode? Text(string text) => text.Length > 0 ? text : null;

    private static JsonNode? Data(ImmutableArray<byte> data) => data.IsDefaultOrEmpty ? null : Convert.ToBase64String(data.AsSpan());
}
