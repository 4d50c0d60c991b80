// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sealock.Api.Kubeconfigs;

/// <summary>Reads the entries of a kubeconfig. What is malformed ends in a <see cref="FormatException"/> that names the place.</summary>
internal static class KubeconfigReader
{
    public static ImmutableArray<KubeconfigCluster> Clusters(JsonObject root, string directory) =>
        [.. Entries(root, "clusters", "cluster").Select(e => new KubeconfigCluster
        {
            Name = e.Name,
            Server = Text(e.Value, "server", e.Path),
            CertificateAuthority = File(e.Value, "certificate-authority", e.Path, directory),
            CertificateAuthorityData = Data(e.Value, "certificate-authority-data", e.Path),
            TlsServerName = Text(e.Value, "tls-server-name", e.Path),
            ProxyUrl = Text(e.Value, "proxy-url", e.Path),
            InsecureSkipTlsVerify = Flag(e.Value, "insecure-skip-tls-verify", e.Path),
        })];

    public static ImmutableArray<KubeconfigUser> Users(JsonObject root, string directory) =>
        [.. Entries(root, "users", "user").Select(e => new KubeconfigUser
        {
            Name = e.Name,
            ClientCertificate = File(e.Value, "client-certificate", e.Path, directory),
            ClientCertificateData = Data(e.Value, "client-certificate-data", e.Path),
            ClientKey = File(e.Value, "client-key", e.Path, directory),
            ClientKeyData = Data(e.Value, "client-key-data", e.Path),
            Token = Text(e.Value, "token", e.Path),
            TokenFile = File(e.Value, "tokenFile", e.Path, directory),
            Username = Text(e.Value, "username", e.Path),
            Exec = Exec(e.Value, e.Path, directory),
        })];

    public static ImmutableArray<KubeconfigContext> Contexts(JsonObject root) =>
        [.. Entries(root, "contexts", "context").Select(e => new KubeconfigContext
        {
            Name = e.Name,
            Cluster = Text(e.Value, "cluster", e.Path),
            User = Text(e.Value, "user", e.Path),
            Namespace = Text(e.Value, "namespace", e.Path),
        })];

    public static string Text(JsonObject map, string field, string path) => map[field] switch
    {
        null => "",
        JsonValue value when value.TryGetValue<string>(out var text) => text,
        _ => throw new FormatException($"{Place(path, field)} must be a string"),
    };

    private static KubeconfigExec? Exec(JsonObject user, string path, string directory)
    {
        if (user["exec"] is not { } node)
        {
            return null;
        }

        var at = Place(path, "exec");
        var exec = node as JsonObject ?? throw new FormatException($"{at} must have fields");
        var command = Text(exec, "command", at);
        return new()
        {
            Command = command.Contains('/', StringComparison.Ordinal) ? Absolute(command, directory) : command,
            Arguments = [.. List(exec, "args", at).Select(a => a is JsonValue v && v.TryGetValue<string>(out var text)
                ? text : throw new FormatException($"{at}.args must hold strings"))],
            Environment = [.. List(exec, "env", at).Select(v => v is JsonObject pair
                ? KeyValuePair.Create(Text(pair, "name", at + ".env"), Text(pair, "value", at + ".env"))
                : throw new FormatException($"{at}.env must hold names and values"))],
            ApiVersion = Text(exec, "apiVersion", at),
            InstallHint = Text(exec, "installHint", at),
            InteractiveMode = Text(exec, "interactiveMode", at),
            ProvideClusterInfo = Flag(exec, "provideClusterInfo", at),
        };
    }

    private static IEnumerable<(string Name, JsonObject Value, string Path)> Entries(JsonObject root, string list, string field)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (var (index, node) in List(root, list, "").Index())
        {
            var path = FormattableString.Invariant($"{list}[{index}]");
            var entry = node as JsonObject ?? throw new FormatException($"{path} must have a name and a {field}");
            var name = Text(entry, "name", path);
            if (!names.Add(name))
            {
                throw new FormatException($"{path}: the name \"{name}\" occurs twice");
            }

            yield return (name, entry[field] switch
            {
                JsonObject value => value,
                null => [],
                _ => throw new FormatException($"{path}.{field} must have fields"),
            }, $"{path}.{field}");
        }
    }

    private static JsonArray List(JsonObject map, string field, string path) => map[field] switch
    {
        null => [],
        JsonArray list => list,
        _ => throw new FormatException($"{Place(path, field)} must be a list"),
    };

    private static bool Flag(JsonObject map, string field, string path) => map[field]?.GetValueKind() switch
    {
        null or JsonValueKind.False => false,
        JsonValueKind.True => true,
        _ => throw new FormatException($"{Place(path, field)} must be true or false"),
    };

    private static ImmutableArray<byte> Data(JsonObject map, string field, string path)
    {
        try
        {
            return [.. Convert.FromBase64String(Text(map, field, path))];
        }
        catch (FormatException)
        {
            throw new FormatException($"{Place(path, field)} is not base64");
        }
    }

    private static string File(JsonObject map, string field, string path, string directory) =>
        Text(map, field, path) is { Length: > 0 } file ? Absolute(file, directory) : "";

    internal static string Absolute(string file, string directory) =>
        directory.Length == 0 ? file : Path.GetFullPath(Path.Combine(directory, file));

    private static string Place(string path, string field) => path.Length == 0 ? field : $"{path}.{field}";
}
