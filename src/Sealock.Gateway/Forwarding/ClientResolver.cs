// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Http;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Listener;

namespace Sealock.Gateway.Forwarding;

/// <summary>
/// Finds the client of a request: from the connection backwards through what trusted proxies say, up to the first address that
/// is not a trusted proxy's. What stands further left was written by that client, or by whoever it claims to be.
/// </summary>
internal static class ClientResolver
{
    private const int MaxHops = 32;

    /// <summary>Resolves; headers of anybody but a trusted proxy are not looked at.</summary>
    /// <returns>
    /// Null if a trusted proxy passed on headers that do not parse: who the client is cannot be told then, and guessing would let
    /// it pass for its proxy.
    /// </returns>
    public static ClientSource? Resolve(ConnectionOrigin origin, IHeaderDictionary headers, CidrSet trusted, ForwardedForm form)
    {
        var itself = origin.Itself;
        if (form == ForwardedForm.None || !trusted.Contains(origin.Peer))
            return itself;
        var hops = form == ForwardedForm.Forwarded ? ForwardedHeader.Read(headers["Forwarded"]) : XForwardedHeaders.Read(headers, MaxHops);
        if (hops is null)
            return null;
        if (hops.Count == 0)
            return itself;

        var addresses = itself.Addresses;
        var (client, walked) = (itself.Address, 0);
        while (walked < Math.Min(hops.Count, MaxHops) && trusted.Contains(client))
        {
            if (hops[^(walked + 1)].For is not { } node)
                break;
            if (!ForwardedNode.TryRead(node, out var named))
                return null;
            if (named is null)
                break;
            walked++;
            client = named;
            addresses = addresses.Insert(0, client);
        }

        // The nearest proxy's entry is its own word, whatever it says of addresses.
        var believed = hops.AsEnumerable().Reverse().Take(Math.Max(1, walked)).ToList();
        return new ClientSource
        {
            Address = client,
            Addresses = addresses,
            OverTls = OverTls(itself.OverTls, origin.IsPlain, believed),
        };
    }

    /// <summary>One leg in the clear is enough to have shown the credentials; otherwise one word for TLS is.</summary>
    private static bool? OverTls(bool? connection, bool isPlain, List<ForwardedHop> hops)
    {
        var overTls = isPlain ? connection : null;
        foreach (var hop in hops)
        {
            bool? said = hop.Proto?.ToUpperInvariant() switch
            {
                "HTTPS" or "WSS" => true,
                "HTTP" or "WS" => false,
                _ => null,
            };
            overTls = overTls == false || said == false ? false : said ?? overTls;
        }

        // A TLS connection of the proxy's own proves nothing about its client, and where it says nothing there is none to doubt.
        return overTls ?? (isPlain ? null : true);
    }
}
