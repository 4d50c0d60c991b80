// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Sealock.EndToEnd.Support;

/// <summary>
/// Where validations come to: ports 80 and 443, as CAs do, of a loopback address of its own, so that tests beside each other do
/// not meet. Who may not bind those ports has free ones of 127.0.0.1, which pebble is told of.
/// </summary>
internal sealed record ValidationAddress(string Address, int HttpPort, int TlsPort)
{
    /// <summary>Whether these are the ports that CAs come to.</summary>
    public bool IsReal => TlsPort == 443;

    /// <summary>Where HTTP-01 is answered.</summary>
    public string Http => string.Create(CultureInfo.InvariantCulture, $"{Address}:{HttpPort}");

    /// <summary>Where TLS-ALPN-01 is answered.</summary>
    public string Tls => string.Create(CultureInfo.InvariantCulture, $"{Address}:{TlsPort}");

    /// <summary>One that nobody else has.</summary>
    public static ValidationAddress Take()
    {
        var address = new IPAddress([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(256), (byte)Random.Shared.Next(1, 255)]);
        try
        {
            foreach (var port in (int[])[80, 443])
            {
                using var listener = new TcpListener(address, port);
                listener.Start();
            }

            return new($"{address}", 80, 443);
        }
        catch (SocketException)
        {
            return new("127.0.0.1", Ports.Free(), Ports.Free());
        }
    }
}
