// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Yaml;

namespace Sealock.Api.Serving;

/// <summary>Puts objects and lists into the form that the client accepts.</summary>
internal static class Answers
{
    private static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 1000,
    };

    /// <summary>One object.</summary>
    public static ApiResponse Object(
        ServedResource resource,
        CacheEntry entry,
        in AnswerFormat format,
        TimeProvider clock,
        ApiRequest request,
        int statusCode,
        IReadOnlyList<string> warnings)
    {
        if (format is { Shape: AnswerShape.Metadata, OfList: true })
            throw NotOfForm(resource, "PartialObjectMetadataList", "not a list", "");
        if (format.IsPlain)
            return new ObjectResponse(resource.ObjectStart, entry) { StatusCode = statusCode, Warnings = warnings };
        var bytes = format.Shape switch
        {
            AnswerShape.Table => TableAnswers.Object(resource, entry, TableAnswers.ReadInclude(request.Query), clock),
            AnswerShape.Metadata => MetadataAnswers.Object(entry.Metadata),
            _ => (byte[])[.. resource.ObjectStart, .. entry.Item.AsSpan(1)],
        };
        return Bytes(bytes, format, statusCode, warnings);
    }

    /// <summary>A list.</summary>
    public static ApiResponse List(in RequestScope scope, ListPage page, in AnswerFormat format, TimeProvider clock)
    {
        if (format is { Shape: AnswerShape.Metadata, OfList: false })
            throw NotOfForm(scope.Resource, "PartialObjectMetadata", "a list", "List");
        var response = new ListResponse(scope.Resource, page);
        return format switch
        {
            { IsPlain: true } => response,
            { Shape: AnswerShape.Table } => Bytes(
                TableAnswers.List(scope.Resource, page, TableAnswers.ReadInclude(scope.Request.Query), clock),
                format,
                200,
                []),
            { Shape: AnswerShape.Metadata } => Bytes(MetadataAnswers.List(page), format, 200, []),
            _ => new ReshapedResponse(response, format) { ContentType = format.ContentType },
        };
    }

    private static ApiException NotOfForm(ServedResource resource, string wanted, string form, string suffix)
    {
        var group = resource.Definition.Group;
        var package = group.Length == 0 ? "core" : group.Split('.')[0];
        var type = $"*{package}.{resource.Definition.Kind}{suffix}";
        return new ApiException(
            406, "NotAcceptable", $"you requested {wanted}, but the requested object is {form} ({type})");
    }

    /// <summary>Any JSON, as it is or indented or as YAML.</summary>
    public static ApiResponse Bytes(
        ReadOnlyMemory<byte> json, in AnswerFormat format, int statusCode, IReadOnlyList<string> warnings) =>
        new BytesResponse(Reshape(json, format))
        {
            StatusCode = statusCode,
            ContentType = format.ContentType,
            Warnings = warnings,
        };

    /// <summary>An object as compact JSON.</summary>
    public static ReadOnlyMemory<byte> Serialize(JsonObject @object)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using (var writer = new Utf8JsonWriter(output, Compact))
            @object.WriteTo(writer);
        return output.WrittenMemory;
    }

    internal static ReadOnlyMemory<byte> Reshape(ReadOnlyMemory<byte> json, in AnswerFormat format)
    {
        if (format.Yaml)
            return Encoding.UTF8.GetBytes(
                YamlWriter.Write(JsonNode.Parse(json.Span, documentOptions: new() { MaxDepth = 1000 })));
        return format.Pretty ? PrettyJson.Indent(json) : json;
    }

    /// <summary>A list for a person's eyes: written once, then indented or turned into YAML.</summary>
    private sealed class ReshapedResponse(ListResponse plain, AnswerFormat format) : ApiResponse
    {
        public override long? ContentLength => null;

        public override async ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken)
        {
            using var whole = new MemoryStream();
            var writer = PipeWriter.Create(whole, new StreamPipeWriterOptions(leaveOpen: true));
            await plain.WriteAsync(writer, cancellationToken);
            await writer.CompleteAsync();
            output.Write(Reshape(whole.GetBuffer().AsMemory(0, (int)whole.Length), format).Span);
            await output.FlushAsync(cancellationToken);
        }
    }
}
