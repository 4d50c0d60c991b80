// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;

namespace Sealock.Gateway.Listener;

/// <summary>Where a connection comes from. A feature of the connection, seen by all of its requests.</summary>
internal sealed class ConnectionOrigin
{
    private readonly bool? _proxyOverTls;

    /// <summary>Notes who is at the other end of the TCP connection, and whom a PROXY header named.</summary>
    public ConnectionOrigin(IPAddress peer, ProxyHeader header)
    {
        Peer = peer;
        var address = header.Source is { Address: var source } ? Normal(source) : peer;
        _proxyOverTls = header.OverTls;
        Itself = new ClientSource
        {
            Address = address,
            Addresses = ReferenceEquals(address, peer) ? [peer] : [address, peer],
            OverTls = true,
        };
    }

    /// <summary>The other end of the TCP connection.</summary>
    public IPAddress Peer { get; }

    /// <summary>The client as a PROXY header names it, or <see cref="Peer"/> where there is none.</summary>
    public IPAddress Address => Itself.Address;

    /// <summary>Whether the connection carries plain HTTP, because TLS has ended before it.</summary>
    public bool IsPlain { get; private set; }

    /// <summary>The client of a request that no proxy says it has forwarded.</summary>
    public ClientSource Itself { get; private set; }

    /// <summary>
    /// It carries plain HTTP. Only now does it matter what the PROXY header says about TLS: a proxy that passes TLS on says no.
    /// </summary>
    public void BecomePlain()
    {
        IsPlain = true;
        Itself = Itself with { OverTls = _proxyOverTls };
    }

    /// <summary>
    /// Whether what the connection was let in with is still accepted: plain HTTP, and a proxy's word on who its client is.
    /// </summary>
    public bool HoldsUnder(TrafficPolicy policy) =>
        (!IsPlain && ReferenceEquals(Address, Peer)) || ((!IsPlain || policy.ExternalTls) && policy.TrustedProxies.Contains(Peer));

    /// <summary>Sockets that listen for both families show IPv4 addresses as IPv6 addresses.</summary>
    public static IPAddress Normal(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
}
