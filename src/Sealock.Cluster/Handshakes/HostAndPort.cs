// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Handshakes;

/// <summary>A server as users name it.</summary>
/// <param name="Host">DNS name or IP address, without brackets.</param>
/// <param name="Port">TCP port.</param>
public readonly record struct HostAndPort(string Host, int Port)
{
    private const int DefaultPort = 443;

    /// <summary>
    /// Reads <c>host:port</c>, <c>[IPv6]:port</c> or an https URL, whose path is left aside; port 443 where none is given. False
    /// where the text is none of these.
    /// </summary>
    public static bool TryParse(string text, out HostAndPort target)
    {
        target = default;
        const string scheme = "https://";
        var isUrl = text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase);
        var rest = isUrl ? text[scheme.Length..] : text;
        if (isUrl && rest.IndexOfAny(['/', '?', '#']) is >= 0 and var end)
            rest = rest[..end];
        if (IPAddress.TryParse(rest, out var bare) && bare.AddressFamily == AddressFamily.InterNetworkV6 && !rest.StartsWith('['))
        {
            target = new(rest, DefaultPort);
            return true;
        }

        var (host, portText) = rest.StartsWith('[')
            ? (rest.IndexOf(']', StringComparison.Ordinal) is > 0 and var close ? (rest[1..close], rest[(close + 1)..]) : ("", ""))
            : rest.LastIndexOf(':') is >= 0 and var colon ? (rest[..colon], rest[colon..]) : (rest, "");
        var port = DefaultPort;
        if (portText.Length > 0 && !(portText[0] == ':'
            && int.TryParse(portText.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65536))
            return false;
        var isHost = rest.StartsWith('[')
            ? IPAddress.TryParse(host, out var inner) && inner.AddressFamily == AddressFamily.InterNetworkV6
            : IPAddress.TryParse(host, out _) || HostNames.IsValidDnsName(host.TrimEnd('.'), allowWildcard: false);
        target = new(host, port);
        return isHost;
    }
}
