// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Yaml;

namespace Sealock.Api.Serving;

/// <summary>Turns a request's body into an object of the expected kind, with kube-apiserver's errors.</summary>
internal sealed class BodyReader(SchemaCatalog schemas, DefinitionRegistry registry)
{
    /// <summary>The largest body.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    private const int SummaryLength = 30;
    private const string AcceptedTypes = "application/json, application/yaml";

    /// <summary>The object in the body, checked against its schema and defaulted; warnings are added.</summary>
    /// <exception cref="ApiException">400, 413 or 415.</exception>
    public JsonObject ReadObject(in RequestScope scope, in WriteOptions options, List<string> warnings)
    {
        var request = scope.Request;
        var (value, duplicates) = ReadRaw(request, scope.Kind);
        CheckType(scope, value);
        try
        {
            warnings.AddRange(RequestDecoding.Decode(value, schemas.Get(scope.SchemaName), options.FieldValidation, duplicates));
        }
        catch (MalformedObjectException fault)
        {
            throw CannotBeHandled(scope, fault);
        }

        CheckMetadata(scope, value);
        return value;
    }

    /// <summary>A patched object, checked and defaulted like one from a body.</summary>
    public void CheckPatched(in RequestScope scope, JsonObject value, in WriteOptions options, List<string> warnings)
    {
        CheckType(scope, value);
        try
        {
            warnings.AddRange(RequestDecoding.Decode(value, schemas.Get(scope.SchemaName), options.FieldValidation));
        }
        catch (MalformedObjectException fault)
        {
            throw CannotBeHandled(scope, fault);
        }

        CheckMetadata(scope, value);
    }

    /// <summary>The DeleteOptions in the body; null where there is none.</summary>
    public static JsonObject? ReadDeleteOptions(ApiRequest request)
    {
        if (request.Body.IsEmpty)
            return null;
        var (value, _) = ReadRaw(request, "DeleteOptions");
        if (value.Text("kind") is { Length: > 0 } kind and not "DeleteOptions")
        {
            throw ApiException.BadRequest(
                $"{kind} in version {GoText.Quote(value.Text("apiVersion"))} cannot be handled as a DeleteOptions: no kind {GoText.Quote(kind)} is registered here");
        }

        return value;
    }

    /// <summary>The media type of a body, without its parameters.</summary>
    public static string MediaType(ApiRequest request)
    {
        var end = request.ContentType.IndexOf(';', StringComparison.Ordinal);
        return (end < 0 ? request.ContentType : request.ContentType[..end]).Trim().ToLowerInvariant();
    }

    private static (JsonObject Value, IReadOnlyList<string> Duplicates) ReadRaw(ApiRequest request, string kind)
    {
        if (request.Body.Length > MaxBytes)
            throw ApiException.TooLarge($"Request entity too large: limit is {MaxBytes}");
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
                        "the body of the request was in an unknown format - accepted media types include: " + AcceptedTypes);
            }
        }
        catch (MalformedObjectException fault)
        {
            throw ApiException.BadRequest(
                $"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error: {fault.Message} ({Summary(request.Body.Span)})");
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

        if (!YamlReader.TryRead(text, out var document, out var error))
            throw new MalformedObjectException(error);
        return document as JsonObject ?? throw new MalformedObjectException("yaml: the document is no object");
    }

    private void CheckType(in RequestScope scope, JsonObject value)
    {
        var kind = value.Text("kind");
        var version = value.Text("apiVersion");
        if (kind.Length == 0)
            value["kind"] = kind = scope.Kind;
        if (version.Length == 0)
            value["apiVersion"] = version = scope.ApiVersion;
        if (kind != scope.Kind)
        {
            var slash = version.IndexOf('/', StringComparison.Ordinal);
            var (group, plain) = slash < 0 ? ("", version) : (version[..slash], version[(slash + 1)..]);
            var why = registry.FindKind(group, plain, kind) is null
                ? $"no kind {GoText.Quote(kind)} is registered for version {GoText.Quote(version)}"
                : $"converting ({plain}.{kind}) to ({InternalPackage(scope.Definition.Group)}.{scope.Kind}): unknown conversion";
            throw ApiException.BadRequest(
                $"{kind} in version {GoText.Quote(plain)} cannot be handled as a {scope.Kind}: {why}");
        }

        if (version != scope.ApiVersion)
        {
            throw ApiException.BadRequest(
                $"the API version in the data ({version}) does not match the expected API version ({scope.ApiVersion})");
        }
    }

    private static void CheckMetadata(in RequestScope scope, JsonObject value)
    {
        if (value["metadata"] is null)
            value["metadata"] = new JsonObject();
        else if (value["metadata"] is not JsonObject)
            throw CannotBeHandled(scope, new MalformedObjectException("metadata is no object"));
    }

    private static ApiException CannotBeHandled(in RequestScope scope, MalformedObjectException fault) =>
        ApiException.BadRequest(RequestDecoding.Describe(VersionPart(scope.ApiVersion), scope.Kind, fault));

    private static string VersionPart(string apiVersion) => apiVersion[(apiVersion.IndexOf('/', StringComparison.Ordinal) + 1)..];

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
