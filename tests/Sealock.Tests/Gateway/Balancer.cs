// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;

namespace Sealock.Tests.Gateway;

/// <summary>Connections that a test writes byte by byte, as load balancers and those who pretend to be one would.</summary>
internal static class Balancer
{
    /// <summary>A policy that trusts this machine as a load balancer at which TLS ends.</summary>
    public static TrafficPolicy Trusted { get; } = new()
    {
        TrustedProxies = CidrSet.Parse("127.0.0.0/8"),
        ExternalTls = true,
        Forwarded = ForwardedForm.XForwarded,
    };

    /// <summary>Everything that the server answers to bytes, up to the end of the connection.</summary>
    public static async Task<string> PlainAsync(IPEndPoint server, string sent, IPAddress? from = null)
    {
        using var tcp = await ConnectAsync(server, from);
        return await ExchangeAsync(tcp.GetStream(), sent);
    }

    /// <summary>The same behind a header, over TLS.</summary>
    public static async Task<string> TlsAsync(IPEndPoint server, string header, string sent, IPAddress? from = null)
    {
        using var tcp = await ConnectAsync(server, from);
        await tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(header));
        await using var tls = new SslStream(tcp.GetStream(), false, (_, _, _, _) => true);
        try
        {
            await tls.AuthenticateAsClientAsync("localhost");
        }
        catch (Exception error) when (error is IOException or System.Security.Authentication.AuthenticationException)
        {
            return "";
        }

        return await ExchangeAsync(tls, sent);
    }

    public static string Get(string path, params string[] headers) =>
        $"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n";

    private static async Task<TcpClient> ConnectAsync(IPEndPoint server, IPAddress? from)
    {
        var tcp = new TcpClient(new IPEndPoint(from ?? IPAddress.Loopback, 0));
        await tcp.ConnectAsync(server);
        return tcp;
    }

    private static async Task<string> ExchangeAsync(Stream stream, string sent)
    {
        try
        {
            await stream.WriteAsync(Encoding.Latin1.GetBytes(sent));
            using var reader = new StreamReader(stream, Encoding.Latin1);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            // Closed with bytes that nobody has read.
            return "";
        }
    }
}
