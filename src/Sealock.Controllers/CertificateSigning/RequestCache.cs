// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.CertificateSigning;

/// <summary>
/// Parsed requests by uid (a request never changes), shared by approver and signer so that each is parsed and its
/// signature checked once. Bounded; what falls out is parsed again.
/// </summary>
internal sealed class RequestCache
{
    private const int Capacity = 4096;

    private readonly ConcurrentDictionary<string, RequestContents?> _contents = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _order = new();

    /// <summary>The contents, or null where the request cannot be read (only objects of older times).</summary>
    public RequestContents? Find(RequestView request)
    {
        var uid = request.Metadata.Uid;
        if (_contents.TryGetValue(uid, out var contents))
            return contents;
        RequestParsing.TryRead(request.Spec.Request, out contents);
        if (_contents.TryAdd(uid, contents))
        {
            _order.Enqueue(uid);
            if (_order.Count > Capacity && _order.TryDequeue(out var oldest))
                _contents.TryRemove(oldest, out _);
        }

        return contents;
    }
}
