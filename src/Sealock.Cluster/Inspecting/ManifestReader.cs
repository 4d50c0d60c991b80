// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Pki;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Inspecting;

/// <summary>
/// Finds certificates and keys in one object: a kubeconfig, Secret, ConfigMap, webhook configuration, APIService, CRD,
/// request, component configuration, or any other. PEM is found wherever it stands, in the open or in base64; what has to
/// be a certificate by its name (<c>caBundle</c>, <c>client-key-data</c>, …) is told of also where it is none.
/// </summary>
internal sealed class ManifestReader
{
    private const int MaxNested = 3;

    /// <summary>Fields that hold base64 of PEM, and nothing else.</summary>
    private static readonly string[] Encoded = ["caBundle", "certificate-authority-data", "client-certificate-data", "client-key-data"];

    /// <summary>Fields that name files; those of one group should fit together.</summary>
    private static readonly (string Field, bool InGroup)[] FileFields =
    [
        ("certificate-authority", false), ("client-certificate", true), ("client-key", true), ("clientCAFile", false), ("tlsCertFile", true),
        ("tlsPrivateKeyFile", true), ("kubeconfig", false),
    ];

    private static readonly string[] CertificateExtensions = [".crt", ".pem", ".cer", ".der", ".key", ".p12", ".pfx", ".p7b", ".csr", ".crl"];

    private readonly string group;
    private readonly string? passphrase;
    private readonly ContentLimits limits;
    private readonly List<InspectedItem> items = [];
    private readonly List<FileReference> references = [];

    private ManifestReader(string group, string? passphrase, ContentLimits limits) =>
        (this.group, this.passphrase, this.limits) = (group, passphrase, limits);

    /// <summary>Reads one object. <paramref name="group"/> names the file it stands in.</summary>
    public static ManifestContents Read(JsonObject manifest, string group, string? passphrase, ContentLimits limits)
    {
        var reader = new ManifestReader(group + "\n" + NameOf(manifest), passphrase, limits);
        reader.ReadObject(manifest, 0);
        return new() { Format = NameOf(manifest), Items = reader.items, References = reader.references };
    }

    /// <summary>The kind and name of an object, as users speak of it.</summary>
    public static string NameOf(JsonObject manifest)
    {
        var kind = Text(manifest["kind"]) ?? "";
        if (IsKubeconfig(manifest))
            return "kubeconfig";
        var metadata = manifest["metadata"] as JsonObject;
        var name = Text(metadata?["name"]) ?? "";
        var space = Text(metadata?["namespace"]) ?? "";
        return string.Join(' ', new[] { kind.Length > 0 ? kind : "YAML", space.Length > 0 ? $"{space}/{name}" : name }.Where(part => part.Length > 0));
    }

    private static bool IsKubeconfig(JsonObject manifest) =>
        Text(manifest["kind"]) is "Config" or null && (manifest["clusters"] is JsonArray || manifest["users"] is JsonArray);

    private void ReadObject(JsonObject manifest, int nested)
    {
        var kind = Text(manifest["kind"]) ?? "";
        if (kind == "Pod" && nested == 0)
            references.AddRange(PodFiles.Find(manifest).Select(r => r with { Group = r.Group.Length == 0 ? "" : $"{group}\n{r.Group}" }));
        if (kind == "ServerConfiguration" && nested == 0)
            references.AddRange(FlagFields(manifest));
        if (kind is "Secret" or "ConfigMap")
        {
            ReadData(manifest["data"], kind == "Secret", nested);
            ReadData(manifest["binaryData"], isBase64: true, nested);
            ReadData(manifest["stringData"], isBase64: false, nested);
            return;
        }

        Walk(manifest, "", group, nested);
    }

    /// <summary>The server's own settings file has kube-apiserver's flags as fields.</summary>
    private static IEnumerable<FileReference> FlagFields(JsonObject settings) => settings
        .Where(member => PodFiles.IsKnown(member.Key) && Text(member.Value) is { Length: > 0 })
        .Select(member => new FileReference(Text(member.Value)!, member.Key, ""));

    private void ReadData(JsonNode? map, bool isBase64, int nested)
    {
        foreach (var (key, node) in map as JsonObject ?? [])
        {
            if (Text(node) is not { Length: > 0 } value || IsFull)
                continue;
            var bytes = isBase64 ? Decode(value) : Encoding.UTF8.GetBytes(value);
            var expected = CertificateExtensions.Contains(Path.GetExtension(key));
            if (bytes is null)
            {
                if (expected)
                    Add(new UnreadableContent("entry", "it is not base64"), key, StemOf(key));
            }
            else if (expected || ContentReader.LooksLikeContent(bytes))
            {
                AddContents(bytes, key, StemOf(key));
            }
            else if (nested < MaxNested && Documents.LooksLikeKubeconfig(bytes))
            {
                foreach (var inner in Documents.Read(bytes, limits).Objects)
                    Walk(inner, key, $"{group}\n{key}", nested + 1);
            }
        }
    }

    private string StemOf(string key) => $"{group}\n{FileNames.Stem(key)}";

    private void Walk(JsonNode? node, string path, string place, int nested)
    {
        // The readers of documents bound the depth.
        switch (node)
        {
            case JsonObject map:
                foreach (var (key, value) in map)
                {
                    if (Text(value) is { Length: > 0 } text)
                        ReadText(key, text, Join(path, key), place, nested);
                    else
                        Walk(value, key is "cluster" or "user" or "clientConfig" && path.EndsWith(']') ? path : Join(path, key), place, nested);
                }

                break;
            case JsonArray list:
                foreach (var (index, element) in list.Index())
                {
                    var name = Text((element as JsonObject)?["name"]) ?? index.ToString(System.Globalization.CultureInfo.InvariantCulture);
                    var at = $"{path}[{name}]";
                    if (Text(element) is { } text)
                        ReadText("", text, at, place, nested);
                    else
                        Walk(element, at, $"{place}\n{at}", nested);
                }

                break;
        }
    }

    private void ReadText(string field, string text, string path, string place, int nested)
    {
        if (IsFull)
            return;
        if (text.Contains("-----BEGIN ", StringComparison.Ordinal))
        {
            AddContents(Encoding.UTF8.GetBytes(text), path, place);
        }
        else if (Encoded.Contains(field) || text.StartsWith("LS0tLS1CRUdJTi", StringComparison.Ordinal))
        {
            if (Decode(text) is { } bytes)
                AddContents(bytes, path, place);
            else
                Add(new UnreadableContent("entry", "it is not base64"), path, place);
        }
        else if (nested == 0 && FileFields.FirstOrDefault(f => f.Field == field) is { Field: not null } file)
        {
            references.Add(new(text, path, file.InGroup ? place : ""));
        }
    }

    private bool IsFull => items.Count >= limits.MaxContents;

    private void AddContents(byte[] bytes, string entry, string place)
    {
        try
        {
            foreach (var content in ContentReader.Read(bytes, passphrase, limits).Contents)
                Add(content, entry, place);
        }
        catch (PkiFormatException e)
        {
            Add(new UnreadableContent("entry", e.Message), entry, place);
        }
    }

    private void Add(PkiContent content, string entry, string place)
    {
        if (!IsFull)
            items.Add(new(content) { Entry = entry, Group = place });
    }

    private static byte[]? Decode(string base64)
    {
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(base64.Length) + 3];
        return Convert.TryFromBase64String(base64, buffer, out var written) ? buffer[..written] : null;
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
