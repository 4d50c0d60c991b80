// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Listener;
using Sealock.Gateway.RevocationLists;

namespace Sealock.Gateway.Plain;

/// <summary>What plain HTTP answers, where it is switched on.</summary>
public sealed record PlainOptions
{
    /// <summary>Where to listen; port 0 takes a free one.</summary>
    public required ImmutableArray<IPEndPoint> Listen { get; init; }

    /// <summary>The key authorization that an ACME validation of a token is to read; null where there is none such.</summary>
    public required Func<string, string?> Challenge { get; init; }

    /// <summary>Revocation lists; null hands none out.</summary>
    public CrlEndpoint? Lists { get; init; }

    /// <summary>The HTTPS port that everything else is sent to; null sends nobody anywhere.</summary>
    public int? HttpsPort { get; init; }

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Where logs go.</summary>
    public ILoggerFactory Logging { get; init; } = NullLoggerFactory.Instance;
}

/// <summary>
/// The plain HTTP port: ACME challenges, revocation lists (many verifiers fetch them over plain HTTP only), a redirect to HTTPS,
/// and nothing else. No body is read, and all that a stranger can make it hold is bounded.
/// </summary>
public sealed class PlainServer : IAsyncDisposable
{
    private const int MostConnections = 2_000;
    private static readonly TimeSpan HeadersTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(5);

    private readonly PlainOptions _options;
    private readonly IServer _kestrel;
    private readonly IAsyncDisposable _owner;

    /// <summary>Nothing listens yet.</summary>
    public PlainServer(PlainOptions options)
    {
        _options = options;
        (_kestrel, _owner) = Create(options);
    }

    /// <summary>Where it listens, once it is started.</summary>
    public ImmutableArray<IPEndPoint> Endpoints { get; private set; } = [];

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">An address is in use, or cannot be bound.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await _kestrel.StartAsync(new Application(new PlainAnswers(_options)), cancellationToken);
        Endpoints = [.. KestrelListener.Endpoints(_kestrel)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        using (var limit = new CancellationTokenSource(DrainTimeout, _options.Clock))
            await _kestrel.StopAsync(limit.Token);
        await _owner.DisposeAsync();
    }

    private static (IServer Server, IAsyncDisposable Owner) Create(PlainOptions options)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton(options.Logging);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = MostConnections;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.MaxRequestHeadersTotalSize = 8 * 1024;
            kestrel.Limits.MaxRequestHeaderCount = 50;
            kestrel.Limits.MaxRequestLineSize = 4 * 1024;
            kestrel.Limits.RequestHeadersTimeout = HeadersTimeout;
            kestrel.Limits.KeepAliveTimeout = KeepAlive;
            foreach (var address in options.Listen)
                kestrel.Listen(address, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var host = builder.Build();
        return (host.Services.GetRequiredService<IServer>(), host);
    }

    private sealed class Application(PlainAnswers answers) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => answers.AnswerAsync(context).AsTask();

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // Nothing of it is kept.
        }
    }
}
