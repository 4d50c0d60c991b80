// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using Sealock.Acme.Dns;

namespace Sealock.Acme.Solvers;

/// <summary>Where to listen, as users write it: <c>80</c>, <c>:80</c>, <c>192.0.2.1:80</c>, <c>[2001:db8::1]:80</c>, or nothing for the port that CAs come to.</summary>
public static class ListenAddress
{
    /// <summary>Reads it; without an address it is every address of the machine.</summary>
    public static bool TryParse(string text, int defaultPort, out IPEndPoint address)
    {
        address = new(IPAddress.IPv6Any, defaultPort);
        if (text.Length == 0)
            return true;
        if (ushort.TryParse(text.StartsWith(':') ? text[1..] : text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            address = new(IPAddress.IPv6Any, port);
            return true;
        }

        return EndPointText.TryParse(text, defaultPort, out address);
    }

    /// <summary>Why an answer there would never be found, with the remedy; null where it may be.</summary>
    /// <param name="address">Where it is answered.</param>
    /// <param name="port">The port that CAs come to.</param>
    /// <param name="isForwarded">Whether the user says that this port is forwarded to the address.</param>
    /// <param name="option">The option that named the address, for the message.</param>
    public static string? Refuse(IPEndPoint address, int port, bool isForwarded, string option) =>
        address.Port == port || isForwarded ? null : string.Create(
            CultureInfo.InvariantCulture,
            $"{option}: CAs come to port {port} only, not to {address.Port}: listen there, or forward port {port} of the names to {address} and say so with --forwarded");
}
