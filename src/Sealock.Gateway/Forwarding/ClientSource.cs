// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;

namespace Sealock.Gateway.Forwarding;

/// <summary>Who the client of a request is, as far as proxies that are trusted tell.</summary>
public sealed record ClientSource
{
    /// <summary>The client of requests that did not come over the network.</summary>
    public static ClientSource Unknown { get; } = new() { Address = IPAddress.None, Addresses = [] };

    /// <summary>The client's address; IPv4 wherever it can be written so.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>
    /// <see cref="Address"/>, then the proxies on the way that are trusted, the nearest last: what an audit event calls sourceIPs.
    /// </summary>
    public required ImmutableArray<IPAddress> Addresses { get; init; }

    /// <summary>Whether the client came to the first of the proxies over TLS; null where they do not tell.</summary>
    public bool? OverTls { get; init; }
}
