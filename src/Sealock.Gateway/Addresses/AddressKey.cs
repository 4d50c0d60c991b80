// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Gateway.Addresses;

/// <summary>
/// What limits count as one client: an IPv4 address, or the /64 network of an IPv6 address, since whoever has one address of it
/// has them all.
/// </summary>
internal readonly record struct AddressKey
{
    private readonly bool _isIPv4;
    private readonly ulong _number;

    private AddressKey(bool isIPv4, ulong number) => (_isIPv4, _number) = (isIPv4, number);

    /// <summary>The client that an address belongs to.</summary>
    public static AddressKey Of(IPAddress address)
    {
        var (isIPv4, number) = Cidr.NumberOf(address);
        return new AddressKey(isIPv4, (ulong)(isIPv4 ? number : number >> 64));
    }
}
