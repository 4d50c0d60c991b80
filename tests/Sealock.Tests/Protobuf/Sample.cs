// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Protobuf;
using Sealock.Api.Schemas;

namespace Sealock.Tests.Protobuf;

/// <summary>An object in both of its forms.</summary>
/// <param name="Origin">What made it.</param>
/// <param name="Bytes">Its protobuf form with the envelope.</param>
/// <param name="Json">Its JSON.</param>
internal sealed record Sample(string Origin, byte[] Bytes, string Json)
{
    private const string MetaSchema = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";

    /// <summary>
    /// Random objects, each as Kubernetes' own Go types encode it both ways: apiVersion, kind, base64, JSON a line.
    /// </summary>
    public static IReadOnlyList<Sample> FromGo { get; } = [.. Read("go-objects.txt", 4)
        .Select(parts => new Sample($"{parts[0]} {parts[1]}", Convert.FromBase64String(parts[2]), parts[3]))];

    /// <summary>
    /// What kubectl 1.35 sends for its commands: method, path, base64 and the object's JSON a line.
    /// </summary>
    public static IReadOnlyList<Sample> FromKubectl { get; } = [.. Read("kubectl-requests.txt", 4)
        .Select(parts => new Sample($"{parts[0]} {parts[1]}", Convert.FromBase64String(parts[2]), parts[3]))];

    /// <summary>The object as a request's JSON would leave it.</summary>
    public string Expected()
    {
        var value = JsonReading.ReadObject(Encoding.UTF8.GetBytes(Json)).Object;
        return Normal(value, Schema(value["apiVersion"]!.ToString(), value["kind"]!.ToString()));
    }

    /// <summary>The object as decoding the bytes leaves it.</summary>
    public static string Decode(ReadOnlySpan<byte> bytes)
    {
        var envelope = ProtobufEnvelope.Read(bytes);
        var schema = Schema(envelope.ApiVersion, envelope.Kind);
        var value = new JsonObject { ["kind"] = envelope.Kind, ["apiVersion"] = envelope.ApiVersion };
        ProtobufDecoder.Decode(envelope.Raw, schema, value);
        return Normal(value, schema);
    }

    /// <summary>The schema of a kind.</summary>
    /// <exception cref="MalformedObjectException">There is none.</exception>
    public static SchemaNode Schema(string apiVersion, string kind)
    {
        var slash = apiVersion.IndexOf('/', StringComparison.Ordinal);
        var group = slash < 0 ? "core" : apiVersion[..slash].Split('.')[0];
        var name = kind == "DeleteOptions" ? MetaSchema : $"io.k8s.api.{group}.{apiVersion[(slash + 1)..]}.{kind}";
        return SchemaCatalog.Kubernetes.Contains(name)
            ? SchemaCatalog.Kubernetes.Get(name)
            : throw new MalformedObjectException("no such kind");
    }

    private static string Normal(JsonObject value, SchemaNode schema)
    {
        ObjectDecoding.Decode(value, schema);
        return Encoding.UTF8.GetString(CanonicalJson.Serialize(value));
    }

    private static IEnumerable<string[]> Read(string file, int columns) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Protobuf", "Data", file))
            .Select(line => line.Split(' ', columns));
}
