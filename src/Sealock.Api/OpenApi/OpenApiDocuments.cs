// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Sealock.Api.Definitions;
using Sealock.Api.Schemas;

namespace Sealock.Api.OpenApi;

/// <summary>
/// The OpenAPI documents of a set of resources: what kubectl validates, merges and explains by. Each document is built
/// when it is first asked for. Immutable; where the resources change, make a new one.
/// </summary>
public sealed class OpenApiDocuments
{
    /// <summary>Media type of <see cref="V2Protobuf"/> in the <c>Accept</c> header of a request.</summary>
    public const string V2ProtobufMediaType = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

    /// <summary>
    /// Its media type in answers, and in the <c>Accept</c> header of newer clients: an at sign is not allowed in a media
    /// type, and Go refuses to read such an answer's header.
    /// </summary>
    public const string V2ProtobufContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

    private const string Json = "application/json";

    private static readonly JsonWriterOptions Writing = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly DocumentSource _source;
    private readonly Lazy<OpenApiDocument> _v2Json;
    private readonly Lazy<OpenApiDocument> _v2Protobuf;
    private readonly Lazy<OpenApiDocument> _v3Index;
    private readonly Dictionary<string, Lazy<OpenApiDocument>> _v3 = new(StringComparer.Ordinal);

    /// <summary>
    /// Prepares the documents of these resources; <paramref name="version"/> is the server's, such as v1.36.4.
    /// </summary>
    public OpenApiDocuments(IReadOnlyList<ResourceDefinition> resources, SchemaCatalog catalog, string version)
    {
        _source = new DocumentSource(resources, catalog, version);
        _v2Json = new(BuildV2Json);
        _v2Protobuf = new(BuildV2Protobuf);
        _v3Index = new(BuildV3Index);
        foreach (var root in _source.Roots)
            _v3.Add(root, new(() => BuildV3(root)));
    }

    /// <summary><c>/openapi/v2</c> as JSON.</summary>
    public OpenApiDocument V2Json => _v2Json.Value;

    /// <summary>
    /// <c>/openapi/v2</c> as gnostic protobuf, for an <c>Accept</c> header that names <see
    /// cref="V2ProtobufMediaType"/>. kubectl up to 1.26, and every one where v3 is not served, works with nothing else.
    /// </summary>
    public OpenApiDocument V2Protobuf => _v2Protobuf.Value;

    /// <summary><c>/openapi/v3</c>: the addresses of the documents by group and version.</summary>
    public OpenApiDocument V3Index => _v3Index.Value;

    /// <summary>
    /// <c>/openapi/v3/PATH</c> as JSON, where <paramref name="path"/> is <c>api/v1</c> or <c>apis/GROUP/VERSION</c>;
    /// null: there is no such group. A request whose <c>hash</c> is the document's may be cached for ever; one with
    /// another hash is sent to the right address (301).
    /// </summary>
    public OpenApiDocument? V3(string path) => _v3.TryGetValue(path, out var document) ? document.Value : null;

    /// <summary>The address of a v3 document with its hash.</summary>
    public string? V3Address(string path) =>
        V3(path) is { } document ? $"/openapi/v3/{path}?hash={document.Hash}" : null;

    private OpenApiDocument BuildV2Json()
    {
        var buffer = new ArrayBufferWriter<byte>(512 * 1024);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        writer.WriteString("swagger", "2.0");
        Info(writer);
        writer.WriteStartObject("paths");
        foreach (var path in _source.Paths(null))
        {
            writer.WritePropertyName(path.Path);
            OperationWriter.Write(writer, path, v3: false);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("definitions");
        foreach (var name in _source.Definitions(null))
        {
            writer.WritePropertyName(name);
            DefinitionWriter.Write(writer, name, _source.Text(name), _source.Kind(name), v3: false);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("securityDefinitions");
        Bearer(writer);
        writer.WriteEndObject();
        Security(writer);
        writer.WriteEndObject();
        writer.Flush();
        return OpenApiDocument.Of(Json, buffer);
    }

    private OpenApiDocument BuildV2Protobuf()
    {
        var output = new ProtobufWriter();
        output.String(1, "2.0");
        var info = output.Open(2);
        output.String(1, DocumentSource.Title);
        output.String(2, _source.Version);
        output.Close(info);
        var part = new ArrayBufferWriter<byte>(64 * 1024);
        var paths = output.Open(8);
        foreach (var path in _source.Paths(null))
        {
            using var item = Part(part, writer => OperationWriter.Write(writer, path, v3: false));
            GnosticEncoder.NamedPathItem(output, 2, path.Path, item.RootElement);
        }

        output.Close(paths);
        var definitions = output.Open(9);
        foreach (var name in _source.Definitions(null))
        {
            using var item = Part(part, writer =>
                DefinitionWriter.Write(writer, name, _source.Text(name), _source.Kind(name), v3: false));
            GnosticEncoder.NamedSchema(output, 1, name, item.RootElement);
        }

        output.Close(definitions);
        return new OpenApiDocument(V2ProtobufContentType, output.Written.Span);
    }

    private OpenApiDocument BuildV3Index()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        writer.WriteStartObject("paths");
        foreach (var root in _source.Roots)
        {
            writer.WriteStartObject(root);
            writer.WriteString("serverRelativeURL", V3Address(root));
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return OpenApiDocument.Of(Json, buffer);
    }

    private OpenApiDocument BuildV3(string root)
    {
        var buffer = new ArrayBufferWriter<byte>(256 * 1024);
        using var writer = new Utf8JsonWriter(buffer, Writing);
        writer.WriteStartObject();
        writer.WriteString("openapi", "3.0.0");
        Info(writer);
        writer.WriteStartObject("paths");
        foreach (var path in _source.Paths(root))
        {
            writer.WritePropertyName(path.Path);
            OperationWriter.Write(writer, path, v3: true);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("components");
        writer.WriteStartObject("schemas");
        foreach (var name in _source.Definitions(root))
        {
            writer.WritePropertyName(name);
            DefinitionWriter.Write(writer, name, _source.Text(name), _source.Kind(name), v3: true);
        }

        writer.WriteEndObject();
        writer.WriteStartObject("securitySchemes");
        Bearer(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        Security(writer);
        writer.WriteEndObject();
        writer.Flush();
        return OpenApiDocument.Of(Json, buffer);
    }

    private static JsonDocument Part(ArrayBufferWriter<byte> buffer, Action<Utf8JsonWriter> write)
    {
        buffer.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(buffer, Writing))
            write(writer);
        return JsonDocument.Parse(buffer.WrittenMemory, new JsonDocumentOptions { MaxDepth = 256 });
    }

    private void Info(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("info");
        writer.WriteString("title", DocumentSource.Title);
        writer.WriteString("version", _source.Version);
        writer.WriteEndObject();
    }

    private static void Bearer(Utf8JsonWriter writer)
    {
        writer.WriteStartObject("BearerToken");
        writer.WriteString("type", "apiKey");
        writer.WriteString("name", "authorization");
        writer.WriteString("in", "header");
        writer.WriteString("description", "Bearer Token authentication");
        writer.WriteEndObject();
    }

    private static void Security(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("security");
        writer.WriteStartObject();
        writer.WriteStartArray("BearerToken");
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
    }
}
