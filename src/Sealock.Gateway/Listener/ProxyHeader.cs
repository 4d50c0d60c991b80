// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Gateway.Listener;

/// <summary>What the first bytes of a connection are, where a PROXY header may stand.</summary>
internal enum ProxyHeaderKind
{
    /// <summary>Too few bytes yet to tell.</summary>
    NeedMoreData,

    /// <summary>Something else, from the first byte on.</summary>
    Absent,

    /// <summary>A header that must not be believed.</summary>
    Malformed,

    /// <summary>A header that names no addresses: the proxy speaks for itself (a health check), or does not know its client.</summary>
    Local,

    /// <summary>A header that names the client.</summary>
    Proxied,
}

/// <summary>The outcome of a look at the first bytes.</summary>
/// <param name="Kind">What they are.</param>
/// <param name="Length">How many bytes belong to the header, where there is one.</param>
internal readonly record struct ProxyHeader(ProxyHeaderKind Kind, int Length = 0)
{
    /// <summary>The client, as the proxy saw it.</summary>
    public IPEndPoint? Source { get; init; }

    /// <summary>Where the client connected to.</summary>
    public IPEndPoint? Destination { get; init; }

    /// <summary>Whether the client came to the proxy over TLS; null where the header does not tell.</summary>
    public bool? OverTls { get; init; }

    /// <summary>What is wrong, in plain words.</summary>
    public string? Problem { get; init; }
}
