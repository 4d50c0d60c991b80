// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.OpenApi;
using Sealock.Api.Schemas;
using Sealock.Api.Serving;

namespace Sealock.Api.Discovery;

/// <summary>Answers what is asked about the server itself: discovery, OpenAPI, version.</summary>
internal sealed class DiscoveryVerb
{
    private readonly DiscoveryDocuments documents;
    private readonly OpenApiDocuments openApi;
    private readonly ReadOnlyMemory<byte> version = Answers.Serialize(new JsonObject
    {
        ["major"] = ServerVersion.Major,
        ["minor"] = ServerVersion.Minor,
        ["gitVersion"] = ServerVersion.Full,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "dotnet",
        ["platform"] = Platform,
    });

    public DiscoveryVerb(IReadOnlyList<ResourceDefinition> definitions, SchemaCatalog schemas)
    {
        openApi = new OpenApiDocuments(definitions, schemas, ServerVersion.Full);
        var roots = definitions.Select(DiscoveryDocuments.RootOf).Distinct().Select(root => "/openapi/v3" + root);
        documents = new DiscoveryDocuments(
            definitions, ["/openapi/v2", "/openapi/v3", .. roots, "/version", "/healthz", "/livez", "/readyz"]);
    }

    private static string Platform =>
        $"linux/{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64")}";

    /// <summary>kube-apiserver's answer to a path that nobody serves.</summary>
    public static ApiResponse NotFoundPage() =>
        new BytesResponse("404 page not found\n"u8.ToArray())
        {
            StatusCode = 404,
            ContentType = "text/plain; charset=utf-8",
        };

    /// <summary>Answers.</summary>
    /// <exception cref="ApiException">405: the path is only read.</exception>
    public ApiResponse Handle(ApiRequest request)
    {
        var path = request.Info.Path.Length > 1 ? request.Info.Path.TrimEnd('/') : request.Info.Path;
        if (path.Length == 0)
            path = "/";
        if (path.StartsWith("/openapi/", StringComparison.Ordinal))
            return HandleOpenApi(request, path);
        if (AggregatedVersion(request.Accept) is { } wanted && documents.FindAggregated(path, wanted) is { } aggregated)
        {
            RefuseWrites(request);
            return Answer(
                request, aggregated, $"application/json;g=apidiscovery.k8s.io;v={wanted};as=APIGroupDiscoveryList");
        }

        var body = path == "/version" ? version : documents.Find(path)?.Body;
        if (body is null)
            return IsInServedGroup(path) ? throw ApiException.NoSuchResource() : NotFoundPage();
        RefuseWrites(request);
        return Answers.Bytes(body.Value, Negotiation.Choose(request, transforms: false), 200, []);
    }

    /// <summary>Whether a path lies in a group that is served, where even what is missing is answered as a Status.</summary>
    private bool IsInServedGroup(string path)
    {
        var parts = path.Split('/', 4);
        return parts is [_, "api", _, ..]
            || (parts is [_, "apis", var group, _] && documents.Find("/apis/" + group) is not null);
    }

    private ApiResponse HandleOpenApi(ApiRequest request, string path)
    {
        RefuseWrites(request);
        if (path == "/openapi/v2")
        {
            var binary = request.Accept.Contains(OpenApiDocuments.V2ProtobufMediaType, StringComparison.Ordinal)
                || request.Accept.Contains(OpenApiDocuments.V2ProtobufContentType, StringComparison.Ordinal);
            return Answer(request, binary ? openApi.V2Protobuf : openApi.V2Json);
        }

        if (path == "/openapi/v3")
            return Answer(request, openApi.V3Index);
        const string prefix = "/openapi/v3/";
        return path.StartsWith(prefix, StringComparison.Ordinal) && openApi.V3(path[prefix.Length..]) is { } document
            ? Answer(request, document)
            : NotFoundPage();
    }

    private static BytesResponse Answer(ApiRequest request, OpenApiDocument document)
    {
        var gzip = request.AcceptEncoding.Contains("gzip", StringComparison.OrdinalIgnoreCase);
        if (IsKnown(request, document.ETag))
            return Unchanged(document.ETag, document.MediaType);
        return new BytesResponse(gzip ? document.Gzip : document.Content())
        {
            ETag = document.ETag,
            ContentType = document.MediaType,
            ContentEncoding = gzip ? "gzip" : null,
        };
    }

    private static BytesResponse Answer(ApiRequest request, DiscoveryDocument document, string contentType) =>
        IsKnown(request, document.ETag)
            ? Unchanged(document.ETag, contentType)
            : new BytesResponse(document.Body) { ETag = document.ETag, ContentType = contentType };

    private static bool IsKnown(ApiRequest request, string etag) =>
        request.IfNoneMatch.Contains(etag, StringComparison.Ordinal);

    private static BytesResponse Unchanged(string etag, string contentType) =>
        new(default) { StatusCode = 304, ETag = etag, ContentType = contentType };

    private static void RefuseWrites(ApiRequest request)
    {
        if (request.Info.Method is not ("GET" or "HEAD"))
            throw ApiException.MethodNotAllowed();
    }

    /// <summary>The version of the aggregated form that a client prefers to the plain one, or null.</summary>
    private static string? AggregatedVersion(string accept)
    {
        foreach (var range in accept.AsSpan().Split(','))
        {
            var clause = accept.AsSpan()[range].Trim();
            if (clause.Contains("as=APIGroupDiscoveryList", StringComparison.Ordinal)
                && clause.Contains("g=apidiscovery.k8s.io", StringComparison.Ordinal))
            {
                return clause.Contains("v=v2beta1", StringComparison.Ordinal) ? "v2beta1" : "v2";
            }

            if (clause.StartsWith("application/json") || clause.StartsWith("*/*"))
                return null;
        }

        return null;
    }
}
