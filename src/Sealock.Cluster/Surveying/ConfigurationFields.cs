// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Cluster.Surveying;

/// <summary>Fields of configuration files under the names of the flags that do the same.</summary>
internal static class ConfigurationFields
{
    private static readonly (string Field, string Flag)[] Kubelet =
    [
        ("authentication.anonymous.enabled", "anonymous-auth"),
        ("authentication.x509.clientCAFile", "client-ca-file"),
        ("authorization.mode", "authorization-mode"),
        ("readOnlyPort", "read-only-port"),
        ("tlsCertFile", "tls-cert-file"),
        ("tlsPrivateKeyFile", "tls-private-key-file"),
        ("tlsMinVersion", "tls-min-version"),
        ("tlsCipherSuites", "tls-cipher-suites"),
        ("rotateCertificates", "rotate-certificates"),
        ("serverTLSBootstrap", "rotate-server-certificates"),
    ];

    private static readonly (string Field, string Flag)[] EtcdSecurity =
    [
        ("cert-file", "cert-file"), ("key-file", "key-file"), ("client-cert-auth", "client-cert-auth"),
        ("trusted-ca-file", "trusted-ca-file"), ("auto-tls", "auto-tls"),
    ];

    /// <summary>A KubeletConfiguration. What it leaves out has the file's defaults, which are safer than the flags'.</summary>
    public static List<ComponentFlag> OfKubelet(SurveyedFile file, JsonObject document)
    {
        List<ComponentFlag> flags =
        [
            new("anonymous-auth", "false", file, Kubelet[0].Field), new("authorization-mode", "Webhook", file, Kubelet[2].Field),
            new("read-only-port", "0", file, Kubelet[3].Field),
        ];
        foreach (var (field, flag) in Kubelet)
        {
            JsonNode? node = document;
            foreach (var part in field.Split('.'))
                node = (node as JsonObject)?[part];
            if (Text(node) is { } value)
                flags.Add(new(flag, value, file, field));
        }

        return flags;
    }

    /// <summary>etcd's configuration file.</summary>
    public static List<ComponentFlag> OfEtcd(SurveyedFile file, JsonObject document)
    {
        List<ComponentFlag> flags = [];
        foreach (var (name, value) in document)
        {
            if (Text(value) is { } text)
                flags.Add(new(name, text, file, name));
        }

        foreach (var (section, prefix) in new[] { ("client-transport-security", ""), ("peer-transport-security", "peer-") })
        {
            foreach (var (field, flag) in EtcdSecurity)
            {
                if (Text((document[section] as JsonObject)?[field]) is { } value)
                    flags.Add(new(prefix + flag, value, file, $"{section}.{field}"));
            }
        }

        return flags;
    }

    /// <summary>A scalar as text, a list of scalars joined by commas; null for anything else.</summary>
    public static string? Text(JsonNode? node) => node switch
    {
        JsonArray list when list.All(item => item is JsonValue) => string.Join(',', list.Select(item => item!.ToString())), // Each is a value.
        JsonValue value when value.GetValueKind() is JsonValueKind.True => "true",
        JsonValue value when value.GetValueKind() is JsonValueKind.False => "false",
        JsonValue value => value.ToString(),
        _ => null,
    };
}
