// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Sealock.Api.Caching;

namespace Sealock.Api.Serving;

/// <summary>A page of a list as of one revision.</summary>
internal sealed record ListPage(List<CacheEntry> Items, long Revision, string Continue = "", long? Remaining = null)
{
    /// <summary>The members of the list's metadata and the brace that ends it.</summary>
    public byte[] MetadataRest()
    {
        var text = new StringBuilder(64);
        text.Append(CultureInfo.InvariantCulture, $"\"resourceVersion\":\"{Revision}\"");
        if (Continue.Length > 0)
            text.Append(CultureInfo.InvariantCulture, $",\"continue\":\"{Continue}\"");
        if (Remaining is { } remaining)
            text.Append(CultureInfo.InvariantCulture, $",\"remainingItemCount\":{remaining}");
        return Encoding.UTF8.GetBytes(text.Append('}').ToString());
    }
}

/// <summary>
/// A list: cached items joined, in the connection's own buffers. Items of Kubernetes' own kinds do not repeat kind
/// and apiVersion, those of other kinds do.
/// </summary>
internal sealed class ListResponse(ServedResource resource, ListPage page) : ApiResponse
{
    private const int FlushSize = 128 * 1024;

    private readonly byte[] metadata = page.MetadataRest();

    /// <inheritdoc/>
    public override long? ContentLength
    {
        get
        {
            long length = resource.ListStart.Length + metadata.Length + ",\"items\":["u8.Length + "]}\n"u8.Length;
            length += (long)page.Items.Count * resource.ItemStart.Length;
            foreach (var item in page.Items)
                length += item.Item.Length;
            return length + Math.Max(0, page.Items.Count - 1) - (resource.ItemStart.Length > 0 ? page.Items.Count : 0);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        output.Write(resource.ListStart);
        output.Write(metadata);
        output.Write(",\"items\":["u8);
        var unflushed = 0;
        for (var i = 0; i < page.Items.Count; i++)
        {
            unflushed += Write(output, page.Items[i], i > 0);
            if (unflushed < FlushSize)
                continue;
            await output.FlushAsync(cancellationToken);
            unflushed = 0;
        }

        output.Write("]}\n"u8);
        await output.FlushAsync(cancellationToken);
    }

    private int Write(PipeWriter output, CacheEntry entry, bool follows)
    {
        if (follows)
            output.Write(","u8);
        if (resource.ItemStart.Length > 0)
        {
            output.Write(resource.ItemStart);
            output.Write(entry.Item.AsSpan(1));
        }
        else
        {
            output.Write(entry.Item);
        }

        return entry.Item.Length;
    }
}
