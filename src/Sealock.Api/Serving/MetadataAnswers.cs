// SPDX-License-Identifier: Apache-2.0
using System.Buffers;

namespace Sealock.Api.Serving;

/// <summary>Objects and lists reduced to their metadata (meta.k8s.io/v1 PartialObjectMetadata).</summary>
internal static class MetadataAnswers
{
    /// <summary>What such an object begins with; its metadata and a brace follow.</summary>
    public static ReadOnlySpan<byte> ObjectStart =>
        "{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":"u8;

    /// <summary>One object.</summary>
    public static ReadOnlyMemory<byte> Object(ReadOnlySpan<byte> metadata)
    {
        var output = new ArrayBufferWriter<byte>(ObjectStart.Length + metadata.Length + 2);
        output.Write(ObjectStart);
        output.Write(metadata);
        output.Write("}\n"u8);
        return output.WrittenMemory;
    }

    /// <summary>A list.</summary>
    public static ReadOnlyMemory<byte> List(ListPage page)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        output.Write("{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":{"u8);
        output.Write(page.MetadataRest());
        output.Write(",\"items\":["u8);
        for (var i = 0; i < page.Items.Count; i++)
        {
            if (i > 0)
                output.Write(","u8);
            output.Write(ObjectStart);
            output.Write(page.Items[i].Metadata);
            output.Write("}"u8);
        }

        output.Write("]}\n"u8);
        return output.WrittenMemory;
    }
}
