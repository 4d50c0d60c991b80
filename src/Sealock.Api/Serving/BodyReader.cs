// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Protobuf;
using Sealock.Api.Schemas;
using Sealock.Api.Yaml;

namespace Sealock.Api.Serving;

/// <summary>Turns a request's body into an object of the expected kind, with kube-apiserver's errors.</summary>
internal sealed class BodyReader(SchemaCatalog schemas, DefinitionRegistry registry)
{
    /// <summary>The largest body.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    private const int SummaryLength = 30;
    private const string TextTypes = "application/json, application/yaml";
    private const string AllTypes = TextTypes + ", " + ProtobufEnvelope.MediaType;
    private const string DeleteOptionsSchema = "io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions";

    /// <summary>The object in the body, checked against its schema and defaulted; warnings are added.</summary>
    /// <exception cref="ApiException">400, 413 or 415.</exception>
    public JsonObject ReadObject(in RequestScope scope, in WriteOptions options, List<string> warnings)
    {
        var schema = schemas.Get(scope.SchemaName);
        var (value, duplicates) = IsProtobuf(scope.Request) && schema.Wire is not null
            ? (ReadProtobuf(scope, schema), [])
            : ReadText(scope.Request, scope.Kind, schema.Wire is null ? TextTypes : AllTypes);
        CheckType(scope, value);
        try
        {
            warnings.AddRange(RequestDecoding.Decode(value, schema, options.FieldValidation, duplicates));
        }
        catch (MalformedObjectException fault)
        {
            throw CannotBeHandled(scope, fault);
        }

        CheckMetadata(scope, value);
        scope.Request.OnDecoded?.Invoke(value);
        return value;
    }

    /// <summary>A patched object, checked and defaulted like one from a body.</summary>
    /// <exception cref="MalformedObjectException">It is no longer an object of its kind.</exception>
    public void CheckPatched(in RequestScope scope, JsonObject value, in WriteOptions options, List<string> warnings)
    {
        if (TypeFault(scope, value) is { } fault)
            throw new MalformedObjectException(fault);
        if (value.Text("apiVersion") != scope.ApiVersion)
            throw new MalformedObjectException(WrongVersion(scope, value.Text("apiVersion")));
        warnings.AddRange(RequestDecoding.Decode(value, schemas.Get(scope.SchemaName), options.FieldValidation));
        if (value["metadata"] is not JsonObject)
            throw new MalformedObjectException("metadata is no object");
    }

    /// <summary>The DeleteOptions in the body; null where there is none.</summary>
    public static JsonObject? ReadDeleteOptions(ApiRequest request)
    {
        if (request.Body.IsEmpty)
            return null;
        var value = IsProtobuf(request)
            ? ReadProtobufDeleteOptions(request)
            : ReadText(request, "DeleteOptions", AllTypes).Value;
        if (value.Text("kind") is { Length: > 0 } kind and not "DeleteOptions")
        {
            var version = GoText.Quote(value.Text("apiVersion"));
            throw ApiException.BadRequest(
                $"{kind} in version {version} cannot be handled as a DeleteOptions: it is of another kind");
        }

        request.OnDecoded?.Invoke(value);
        return value;
    }

    /// <summary>The media type of a body, without its parameters.</summary>
    public static string MediaType(ApiRequest request)
    {
        var end = request.ContentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? request.ContentType : request.ContentType[..end]).Trim().ToLowerInvariant();
    }

    private static bool IsProtobuf(ApiRequest request) => MediaType(request) == ProtobufEnvelope.MediaType;

    private JsonObject ReadProtobuf(in RequestScope scope, SchemaNode schema)
    {
        var envelope = ReadEnvelope(scope.Request, scope.Kind);
        var value = Begin(envelope);
        // Which message it is depends on the kind.
        CheckType(scope, value);
        try
        {
            ProtobufDecoder.Decode(envelope.Raw, schema, value);
        }
        catch (MalformedObjectException fault)
        {
            throw CannotBeHandled(scope, fault);
        }

        return value;
    }

    private static JsonObject ReadProtobufDeleteOptions(ApiRequest request)
    {
        var envelope = ReadEnvelope(request, "DeleteOptions");
        var value = Begin(envelope);
        if (envelope.Kind is not ("" or "DeleteOptions"))
            return value;
        try
        {
            ProtobufDecoder.Decode(envelope.Raw, SchemaCatalog.Kubernetes.Get(DeleteOptionsSchema), value);
        }
        catch (MalformedObjectException fault)
        {
            throw ApiException.BadRequest(
                RequestDecoding.Describe(VersionPart(envelope.ApiVersion), "DeleteOptions", fault));
        }

        return value;
    }

    private static ProtobufEnvelope ReadEnvelope(ApiRequest request, string kind)
    {
        CheckLength(request);
        try
        {
            return ProtobufEnvelope.Read(request.Body.Span);
        }
        catch (MalformedObjectException fault)
        {
            throw ApiException.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): {fault.Message} ({Summary(request.Body.Span)})");
        }
    }

    private static JsonObject Begin(in ProtobufEnvelope envelope) =>
        new() { ["kind"] = envelope.Kind, ["apiVersion"] = envelope.ApiVersion };

    private static void CheckLength(ApiRequest request)
    {
        if (request.Body.Length > MaxBytes)
            throw ApiException.TooLarge($"Request entity too large: limit is {MaxBytes}");
    }

    private static (JsonObject Value, IReadOnlyList<string> Duplicates) ReadText(
        ApiRequest request, string kind, string accepted)
    {
        CheckLength(request);
        try
        {
            switch (MediaType(request))
            {
                case "" or "application/json":
                    var read = JsonReading.ReadObject(request.Body.Span);
                    return (read.Object, read.DuplicateFields);
                case "application/yaml":
                    return (ReadYaml(request.Body.Span), []);
                default:
                    throw ApiException.UnsupportedMediaType(
                        "the body of the request was in an unknown format - accepted media types include: "
                        + accepted);
            }
        }
        catch (MalformedObjectException fault)
        {
            throw ApiException.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json "
                    + $"parse error: {fault.Message} ({Summary(request.Body.Span)})");
        }
    }

    private static JsonObject ReadYaml(ReadOnlySpan<byte> body)
    {
        string text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(body);
        }
        catch (DecoderFallbackException)
        {
            throw new MalformedObjectException("yaml: invalid UTF-8");
        }

        if (!YamlReader.TryRead(text, out var document, out var error, JsonLimits.Default.MaxValues))
            throw new MalformedObjectException(error);
        return document as JsonObject ?? throw new MalformedObjectException("yaml: the document is no object");
    }

    private void CheckType(in RequestScope scope, JsonObject value)
    {
        var fault = TypeFault(scope, value);
        var version = value.Text("apiVersion");
        if (fault is not null)
        {
            var plain = GoText.Quote(VersionPart(version));
            throw ApiException.BadRequest(
                $"{value.Text("kind")} in version {plain} cannot be handled as a {scope.Kind}: {fault}");
        }

        if (version != scope.ApiVersion)
            throw ApiException.BadRequest(WrongVersion(scope, version));
    }

    /// <summary>
    /// Why an object is not of the kind that is asked for; null where it is. What it leaves out is filled in.
    /// </summary>
    private string? TypeFault(in RequestScope scope, JsonObject value)
    {
        if (value.Text("kind").Length == 0)
            value["kind"] = scope.Kind;
        if (value.Text("apiVersion").Length == 0)
            value["apiVersion"] = scope.ApiVersion;
        var (kind, version) = (value.Text("kind"), value.Text("apiVersion"));
        if (kind == scope.Kind && version == scope.ApiVersion)
            return null;
        var slash = version.IndexOf('/', StringComparison.Ordinal);
        if (registry.FindKind(slash < 0 ? "" : version[..slash], VersionPart(version), kind) is null)
            return $"no kind {GoText.Quote(kind)} is registered for version {GoText.Quote(version)}";
        return kind == scope.Kind
            ? null
            : $"converting ({VersionPart(version)}.{kind}) to "
                + $"({InternalPackage(scope.Definition.Group)}.{scope.Kind}): unknown conversion";
    }

    private static string WrongVersion(in RequestScope scope, string version) =>
        $"the API version in the data ({version}) does not match the expected API version ({scope.ApiVersion})";

    private static void CheckMetadata(in RequestScope scope, JsonObject value)
    {
        if (value["metadata"] is null)
            value["metadata"] = new JsonObject();
        else if (value["metadata"] is not JsonObject)
            throw CannotBeHandled(scope, new MalformedObjectException("metadata is no object"));
    }

    private static ApiException CannotBeHandled(in RequestScope scope, MalformedObjectException fault) =>
        ApiException.BadRequest(RequestDecoding.Describe(VersionPart(scope.ApiVersion), scope.Kind, fault));

    private static string VersionPart(string apiVersion) =>
        apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];

    /// <summary>The name of the Go package that holds a group's internal types.</summary>
    private static string InternalPackage(string group) => group.Length == 0 ? "core" : group.Split('.')[0];

    private static string Summary(ReadOnlySpan<byte> body)
    {
        if (body.IsEmpty)
            return "<empty>";
        var part = body[..Math.Min(body.Length, SummaryLength)];
        var text = body[0] == '{' ? Encoding.UTF8.GetString(part) : Convert.ToHexStringLower(part);
        return body.Length > SummaryLength ? text + " ..." : text;
    }
}
