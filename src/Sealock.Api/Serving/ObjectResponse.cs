// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.IO.Pipelines;
using Sealock.Api.Caching;

namespace Sealock.Api.Serving;

/// <summary>One object: the kind's opening bytes and the cached item, copied straight into the connection.</summary>
internal sealed class ObjectResponse(byte[] start, CacheEntry entry) : ApiResponse
{
    /// <inheritdoc/>
    public override long? ContentLength => start.Length + entry.Item.Length;

    /// <inheritdoc/>
    public override async ValueTask WriteAsync(PipeWriter output, CancellationToken cancellationToken)
    {
        output.Write(start);
        output.Write(entry.Item.AsSpan(1));
        output.Write("\n"u8);
        await output.FlushAsync(cancellationToken);
    }
}
