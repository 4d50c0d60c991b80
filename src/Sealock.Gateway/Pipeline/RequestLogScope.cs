// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// The request that log lines of the current flow belong to, for whoever writes them. It outlives the request where something
/// that the request began goes on, and holds nothing secret.
/// </summary>
public sealed class RequestLogScope
{
    private static readonly AsyncLocal<RequestLogScope?> Flow = new();

    /// <summary>That of this flow; null outside of requests.</summary>
    public static RequestLogScope? Current => Flow.Value;

    /// <summary>The request's Audit-ID.</summary>
    public required string AuditId { get; init; }

    /// <summary>The HTTP method.</summary>
    public required string Method { get; init; }

    /// <summary>The path, without the query; empty until it has been read.</summary>
    public string Path { get; internal set; } = "";

    /// <summary>Who is at the other end, as far as trusted proxies tell; null until that is known.</summary>
    public IPAddress? Source { get; internal set; }

    /// <summary>Who asks; empty until that is known.</summary>
    public string User { get; internal set; } = "";

    /// <summary>From here on, lines of this flow belong to a request.</summary>
    internal static RequestLogScope Enter(string auditId, string method) =>
        Flow.Value = new RequestLogScope { AuditId = auditId, Method = method };
}
