// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Sealock.Api.Caching;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Serving;

/// <summary>
/// Writes the events of one watch, a line of JSON each. Nothing is made per watcher but the copy that is sent.
/// </summary>
internal sealed class WatchStream(ServedResource resource, AnswerShape shape, TableObject include, TimeProvider clock)
{
    private bool hasHeader;

    /// <summary>An answer that consists of one error event, as kube-apiserver ends watches that cannot begin.</summary>
    public static ApiResponse ErrorOnly(ApiException error)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        WriteError(buffer, error);
        return new BytesResponse(buffer.WrittenMemory);
    }

    /// <summary>Writes a change; returns how many bytes.</summary>
    public int Write(PipeWriter output, in Change change)
    {
        var entry = change.Entry;
        output.Write(change.Type switch
        {
            ChangeType.Added => "{\"type\":\"ADDED\",\"object\":"u8,
            ChangeType.Modified => "{\"type\":\"MODIFIED\",\"object\":"u8,
            _ => "{\"type\":\"DELETED\",\"object\":"u8,
        });
        switch (shape)
        {
            case AnswerShape.Metadata:
                output.Write(MetadataAnswers.ObjectStart);
                output.Write(entry.Metadata);
                output.Write("}"u8);
                break;
            case AnswerShape.Table:
                output.Write(TableAnswers.Event(resource, entry, include, clock, !hasHeader));
                hasHeader = true;
                break;
            default:
                output.Write(resource.ObjectStart);
                output.Write(entry.Item.AsSpan(1));
                break;
        }

        output.Write("}\n"u8);
        return entry.Item.Length;
    }

    /// <summary>Writes a bookmark: all changes up to a revision have been sent.</summary>
    public void WriteBookmark(IBufferWriter<byte> output, long revision, bool endsInitialEvents)
    {
        var (kind, version) = shape switch
        {
            AnswerShape.Metadata => ("PartialObjectMetadata", "meta.k8s.io/v1"),
            AnswerShape.Table => ("Table", "meta.k8s.io/v1"),
            _ => (resource.Definition.Kind, resource.Definition.ApiVersion),
        };
        var annotations = endsInitialEvents ? ",\"annotations\":{\"k8s.io/initial-events-end\":\"true\"}" : "";
        var rest = shape == AnswerShape.Table ? ",\"columnDefinitions\":[],\"rows\":[]" : "";
        var head = string.Create(CultureInfo.InvariantCulture, $"{{\"kind\":\"{kind}\",\"apiVersion\":\"{version}\",");
        var metadata = string.Create(
            CultureInfo.InvariantCulture, $"\"metadata\":{{\"resourceVersion\":\"{revision}\"{annotations}}}");
        output.Write(Encoding.UTF8.GetBytes("{\"type\":\"BOOKMARK\",\"object\":" + head + metadata + rest + "}}\n"));
    }

    /// <summary>Writes an error event, which is the last one.</summary>
    public static void WriteError(IBufferWriter<byte> output, ApiException error)
    {
        output.Write("{\"type\":\"ERROR\",\"object\":"u8);
        output.Write(StatusWriter.Failure(error));
        output.Write("}\n"u8);
    }
}
