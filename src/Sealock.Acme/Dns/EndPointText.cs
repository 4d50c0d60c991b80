// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Acme.Dns;

/// <summary>An address with or without a port, as users write it: <c>192.0.2.1:53</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]:53</c>.</summary>
internal static class EndPointText
{
    public static bool TryParse(string text, int defaultPort, out IPEndPoint address)
    {
        address = new(IPAddress.Loopback, defaultPort);
        // IPAddress takes what stands in brackets and leaves out the port behind them.
        if (IPAddress.TryParse(text.StartsWith('[') && text.EndsWith(']') ? text[1..^1] : text, out var bare) && !text.Contains("]:", StringComparison.Ordinal))
        {
            address = new(bare, defaultPort);
            return true;
        }

        if (!text.Contains(':', StringComparison.Ordinal) || !IPEndPoint.TryParse(text, out var parsed))
            return false;
        address = parsed;
        return true;
    }
}
