// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Limits;

/// <summary>Bounds on what a stranger can make the server hold or wait for.</summary>
public sealed record GatewayLimits
{
    /// <summary>Longest body of a request to the API, in bytes.</summary>
    public long MaxBodyBytes { get; init; } = 3 * 1024 * 1024;

    /// <summary>Read-only requests being answered at a time.</summary>
    public int MaxReadOnlyInFlight { get; init; } = 400;

    /// <summary>Mutating requests being answered at a time.</summary>
    public int MaxMutatingInFlight { get; init; } = 200;

    /// <summary>How long a request may take, unless it is a watch or a stream.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a client may take for its first bytes, and again for its TLS handshake.</summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Handshakes computed at a time.</summary>
    public int MaxHandshakes { get; init; } = 8 * Environment.ProcessorCount;

    /// <summary>How long a client may take for the headers of a request.</summary>
    public TimeSpan HeadersTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long a connection may be idle. Longer than the 90 seconds of Go's clients: the side that is about to use a
    /// connection should be the one that closes it.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; init; } = TimeSpan.FromSeconds(130);

    /// <summary>
    /// Bytes per second that a body has to come with, after <see cref="BodyGrace"/>, and an answer to be read with, after
    /// <see cref="AnswerGrace"/>. Watches are not hurried.
    /// </summary>
    public double SlowestBytesPerSecond { get; init; } = 240;

    /// <summary>
    /// How long a body may come slower, and how long what is left of it is waited for once its request is answered.
    /// </summary>
    public TimeSpan BodyGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an answer may be read slower.</summary>
    public TimeSpan AnswerGrace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Open connections.</summary>
    public long MaxConnections { get; init; } = 20_000;

    /// <summary>Requests at a time on one HTTP/2 connection.</summary>
    public int MaxStreamsPerConnection { get; init; } = 250;

    /// <summary>All headers of a request, in bytes. Impersonated groups and tokens are long.</summary>
    public int MaxHeaderBytes { get; init; } = 64 * 1024;

    /// <summary>Headers of a request; each impersonated group is one.</summary>
    public int MaxHeaderCount { get; init; } = 400;

    /// <summary>Longest request line, in bytes: selectors and continue tokens stand in it.</summary>
    public int MaxRequestLineBytes { get; init; } = 32 * 1024;

    /// <summary>How long requests in flight may go on once the server is told to stop.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How often certificate, CA and token files are looked at, beside file system notifications.</summary>
    public TimeSpan FileCheckInterval { get; init; } = TimeSpan.FromSeconds(20);
}
