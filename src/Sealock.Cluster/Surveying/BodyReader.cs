// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;
using Sealock.Api.Yaml;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Cluster.Surveying;

/// <summary>Tells what bytes are and reads them. Never throws for what stands in them.</summary>
internal sealed class BodyReader
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    private static readonly string[] PrivateLabels =
        [PemLabels.PrivateKey, PemLabels.EncryptedPrivateKey, PemLabels.RsaPrivateKey, PemLabels.EcPrivateKey];

    private readonly KnownBundles _known = new();

    /// <summary>Reads a file's content.</summary>
    /// <param name="content">The bytes.</param>
    /// <param name="path">The file's path on its node: relative names in a kubeconfig start from it.</param>
    /// <param name="role">What the file is for.</param>
    /// <param name="readOther">Reads another file of the node, by its absolute path there; null where it is missing.</param>
    public FileBody Read(byte[] content, string path, FileRole role, Func<string, byte[]?> readOther)
    {
        if (content.Length == 0)
            return new TextBody("");
        if (HasPem(content))
            return ReadPem(content);
        if (content[0] == 0x30 && content.Length > 1 && content[1] >= 0x80 && ReadDer(content) is { } der)
            return der;
        string text;
        try
        {
            text = Strict.GetString(content);
        }
        catch (ArgumentException)
        {
            return new BinaryBody();
        }

        if (text.Contains('\0', StringComparison.Ordinal))
            return new BinaryBody();
        if (role.Kind == RoleKind.Kubeconfig)
            return ReadKubeconfig(text, path, readOther);
        if (!IsYaml(path, text))
            return new TextBody(text);
        if (role.Kind == RoleKind.Setting)
            return new DocumentsBody(() => YamlReader.TryReadAll(text, out var list, out var problem) ? ([.. list.OfType<JsonObject>()], null) : ([], problem));
        if (!YamlReader.TryReadAll(text, out var documents, out var error))
            return new DocumentsBody(() => ([], error));
        if (documents is [JsonObject config] && config["kind"] is JsonValue kind && kind.ToString() == "Config" && config["clusters"] is JsonArray)
            return ReadKubeconfig(text, path, readOther);
        return new DocumentsBody(() => ([.. documents.OfType<JsonObject>()], null));
    }

    /// <summary>Reads PEM blocks.</summary>
    public PemBody ReadPem(ReadOnlySpan<byte> content) => _known.Find(content) ?? _known.Keep(content, ParsePem(content));

    private static PemBody ParsePem(ReadOnlySpan<byte> content)
    {
        PemDocument document;
        try
        {
            document = PemDocument.Parse(content);
        }
        catch (PkiFormatException fault)
        {
            return new() { Malformed = [fault.Message] };
        }

        List<Certificate> certificates = [];
        List<string> malformed = [];
        List<SurveyedKey> keys = [];
        List<PublicKeyInfo> publicKeys = [];
        var others = false;
        foreach (var block in document.Blocks)
        {
            try
            {
                if (block.Label == PemLabels.Certificate)
                    certificates.Add(Certificate.ParseForInspection(block.Content));
                else if (PrivateLabels.Contains(block.Label))
                    keys.Add(ReadKey(block));
                else if (block.Label is PemLabels.PublicKey or PemLabels.RsaPublicKey)
                    publicKeys.Add(PublicKeyInfo.FromPem(PemText.Write(block.Label, block.Content.Span)));
                else if (!block.Label.EndsWith(" PARAMETERS", StringComparison.Ordinal))
                    others = true;
            }
            catch (PkiFormatException fault)
            {
                malformed.Add(fault.Message);
            }
        }

        return new()
        {
            Certificates = certificates,
            Malformed = malformed,
            PrivateKeys = keys,
            PublicKeys = publicKeys,
            BrokenBlocks = Math.Max(0, CountBegins(content) - document.Blocks.Count),
            HasOthers = others,
        };
    }

    private static SurveyedKey ReadKey(PemBlock block)
    {
        var encrypted = block.Label == PemLabels.EncryptedPrivateKey || block.Headers.Any(header => header.Value.Contains("ENCRYPTED", StringComparison.Ordinal));
        if (encrypted)
            return new(null, "it is encrypted", true);
        if (PublicHalf.Find(block) is { } half)
            return new(half, null, false);
        try
        {
            using var key = KeyPair.FromPem(PemText.Write(block.Label, block.Content.Span));
            return new(key.PublicKey, null, false);
        }
        catch (PkiFormatException fault)
        {
            return new(null, fault.Message, false);
        }
    }

    private static PemBody? ReadDer(byte[] content)
    {
        try
        {
            return new() { Certificates = [Certificate.ParseForInspection(content)], IsDer = true };
        }
        catch (PkiFormatException)
        {
            try
            {
                using var key = KeyPair.FromPkcs8(content);
                return new() { PrivateKeys = [new(key.PublicKey, null, false)], IsDer = true };
            }
            catch (PkiFormatException)
            {
                return null;
            }
        }
    }

    private KubeconfigBody ReadKubeconfig(string text, string path, Func<string, byte[]?> readOther)
    {
        var (shortened, data) = EmbeddedData.TakeOut(text);
        if (!Kubeconfig.TryParse(shortened, Path.GetDirectoryName(path) ?? "/", out var config, out var error))
            return new() { Problem = error };
        if (!config.TryResolve(null, out var target, out error))
        {
            // Its certificates are worth a look all the same, where there is no doubt which.
            if (config.Clusters is not [var only] || config.Users is not [var sole])
                return new() { Problem = error };
            target = new("", only, sole, "default");
        }

        target = data.PutBack(target);
        List<string> missing = [];
        var authorities = Part(target.Cluster.CertificateAuthorityData, target.Cluster.CertificateAuthority);
        var client = target.User is not { } user ? null : Part(user.ClientCertificateData, user.ClientCertificate);
        if (target.User is { } holder && Part(holder.ClientKeyData, holder.ClientKey) is { } key && client is not null)
            client = client with { PrivateKeys = key.PrivateKeys, BrokenBlocks = client.BrokenBlocks + key.BrokenBlocks };
        return new() { Problem = error, Target = target, Authorities = authorities, Client = client, Missing = missing };

        PemBody? Part(ImmutableArray<byte> data, string file)
        {
            if (!data.IsDefaultOrEmpty)
                return ReadPem(data.AsSpan());
            if (file.Length == 0)
                return null;
            if (readOther(file) is { } bytes)
                return ReadPem(bytes);
            missing.Add(file);
            return null;
        }
    }

    private static bool IsYaml(string path, string text)
    {
        if (Path.GetExtension(path) is ".yaml" or ".yml" or ".json")
            return true;
        var start = text.AsSpan().TrimStart();
        return start.StartsWith("apiVersion:") || start.StartsWith("kind:") || start.StartsWith("{\"") || text.Contains("\napiVersion: ", StringComparison.Ordinal);
    }

    private static bool HasPem(ReadOnlySpan<byte> content) =>
        content.StartsWith("-----BEGIN "u8) || content.IndexOf("\n-----BEGIN "u8) >= 0;

    private static int CountBegins(ReadOnlySpan<byte> content)
    {
        var count = content.StartsWith("-----BEGIN "u8) ? 1 : 0;
        for (var at = content.IndexOf("\n-----BEGIN "u8); at >= 0; at = content.IndexOf("\n-----BEGIN "u8))
        {
            count++;
            content = content[(at + 12)..];
        }

        return count;
    }
}
