// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Kestrel without ASP.NET Core: sockets, then who comes, then the first bytes, then TLS, then HTTP/1.1 or HTTP/2.
/// </summary>
internal static class KestrelListener
{
    /// <summary>Builds a server that listens on the given addresses once it is started.</summary>
    /// <returns>The server, and what owns it.</returns>
    public static (IServer Server, IAsyncDisposable Owner) Create(
        IEnumerable<IPEndPoint> addresses, GatewayLimits limits, ConnectionGate gate, FirstLook firstLook, Handshakes handshakes,
        ILoggerFactory logging)
    {
        // The empty builder is only what registers Kestrel's internal services; its host never runs, so that nothing
        // of hosting (activities, scopes, request logs) stands between Kestrel and the pipeline.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<ILoggerFactory>(new HandshakeLog(logging));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(options =>
        {
            options.AddServerHeader = false;
            // Proxies that end TLS name the scheme of their own connection or that of their client's; nothing is decided by it.
            options.AllowAlternateSchemes = true;
            // Warnings repeat what a client sent, in its script (question marks over HTTP/1.1); all else is ASCII.
            options.ResponseHeaderEncodingSelector = name => name == WarningHeader.Name ? Encoding.UTF8 : null;
            Bound(options.Limits, limits);
            foreach (var address in addresses)
                options.Listen(address, listen => Stack(listen, limits, gate, firstLook, handshakes));
        });
        var host = builder.Build();
        return (host.Services.GetRequiredService<IServer>(), host);
    }

    /// <summary>Where a started server listens.</summary>
    public static IEnumerable<IPEndPoint> Endpoints(IServer server)
    {
        foreach (var address in server.Features.Get<IServerAddressesFeature>()!.Addresses)
        {
            var uri = new Uri(address);
            yield return new IPEndPoint(IPAddress.Parse(uri.Host.Trim('[', ']')), uri.Port);
        }
    }

    private static void Stack(
        ListenOptions listen, GatewayLimits limits, ConnectionGate gate, FirstLook firstLook, Handshakes handshakes)
    {
        // Known once the stack is built, which happens from its end.
        ConnectionDelegate? http = null;
        listen.Protocols = HttpProtocols.Http1AndHttp2;
        listen.Use(next => context => gate.Run(context, next));
        listen.Use(next => context => firstLook.Run(context, next, http!));
        listen.Use(next => context => handshakes.Begin(context, next));
        listen.UseHttps(new TlsHandshakeCallbackOptions
        {
            OnConnection = handshakes.OptionsFor,
            HandshakeTimeout = limits.HandshakeTimeout,
        });
        listen.Use(next =>
        {
            http = next;
            return context => handshakes.Complete(context, next);
        });
    }

    private static void Bound(KestrelServerLimits kestrel, GatewayLimits limits)
    {
        kestrel.MaxConcurrentConnections = limits.MaxConnections;
        // Bodies are bounded, and hurried, where they are read.
        kestrel.MaxRequestBodySize = null;
        kestrel.MinRequestBodyDataRate = null;
        kestrel.MaxRequestHeadersTotalSize = limits.MaxHeaderBytes;
        kestrel.MaxRequestHeaderCount = limits.MaxHeaderCount;
        kestrel.MaxRequestLineSize = limits.MaxRequestLineBytes;
        kestrel.RequestHeadersTimeout = limits.HeadersTimeout;
        kestrel.KeepAliveTimeout = limits.KeepAliveTimeout;
        kestrel.MinResponseDataRate = new MinDataRate(limits.SlowestBytesPerSecond, limits.AnswerGrace);
        kestrel.Http2.MaxStreamsPerConnection = limits.MaxStreamsPerConnection;
        kestrel.Http2.MaxRequestHeaderFieldSize = limits.MaxRequestLineBytes;
        kestrel.Http2.KeepAlivePingDelay = TimeSpan.FromSeconds(30);
        kestrel.Http2.KeepAlivePingTimeout = TimeSpan.FromSeconds(15);
    }
}
