// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>
/// Which endpoints may be probed. Whoever may write a Certificate names them, and they are asked from where this process stands: what
/// only this process should reach stays out of reach.
/// </summary>
public sealed class ProbeAllowance
{
    /// <summary>
    /// Addresses that no wider range opens: this host, link-local ones, where clouds tell secrets (metadata), groups, and what
    /// embeds others.
    /// </summary>
    private static readonly ImmutableArray<IPNetwork> Special =
    [
        .. new[]
        {
            "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "224.0.0.0/4", "240.0.0.0/4", "100.100.100.200/32", "168.63.129.16/32",
            "::/96", "64:ff9b:1::/48", "2001::/32", "fe80::/10", "fec0::/10", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
        }.Select(text => IPNetwork.Parse(text)),
    ];

    private static readonly IPNetwork Nat64 = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");

    private readonly ImmutableArray<ProbeRange> _ranges;
    private readonly bool _isUsual;

    /// <summary>These ranges; null: every other host's usual ports.</summary>
    public ProbeAllowance(IReadOnlyList<ProbeRange>? ranges)
    {
        _isUsual = ranges is null;
        _ranges = ranges is null ? [new(IPNetwork.Parse("0.0.0.0/0"), 0, 0), new(IPNetwork.Parse("::/0"), 0, 0)] : [.. ranges];
    }

    /// <summary>Ports of this process's own TLS listeners: these may be probed on this host.</summary>
    public ImmutableArray<int> OwnPorts { get; init; } = [];

    /// <summary>Whether an address is one of this host's.</summary>
    public Func<IPAddress, bool> IsOwn { get; init; } = _ => false;

    /// <summary>Whether a port may be probed anywhere.</summary>
    public bool AllowsPort(int port) => OwnPorts.Contains(port) || _ranges.Any(range => range.HasPort(port));

    /// <summary>Whether an endpoint may be probed.</summary>
    public bool Allows(IPAddress address, int port)
    {
        address = Meant(address);
        var isOwn = IPAddress.IsLoopback(address) || IsOwn(address);
        if (isOwn && OwnPorts.Contains(port))
            return true;
        if (isOwn && _isUsual)
            return false;
        // A special address is open only to a range that is about it, not to one that happens to reach over it.
        var least = Special.Where(network => network.Contains(address)).Select(network => network.PrefixLength).DefaultIfEmpty(0).Max();
        return _ranges.Any(range => range.HasPort(port) && range.Network.PrefixLength >= least && range.Network.Contains(address));
    }

    /// <summary>The IPv4 address to which an IPv6 address leads, or the address itself.</summary>
    private static IPAddress Meant(IPAddress address)
    {
        if (address.AddressFamily != AddressFamily.InterNetworkV6)
            return address;
        if (address.IsIPv4MappedToIPv6)
            return address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Nat64.Contains(address) ? new IPAddress(bytes.AsSpan(12, 4))
            : SixToFour.Contains(address) ? new IPAddress(bytes.AsSpan(2, 4))
            : address.ScopeId == 0 ? address : new IPAddress(bytes);
    }
}
