// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Importing;

/// <summary>Finds the address of the service <c>kubernetes</c> among the names of an API server's certificate.</summary>
internal static class ServiceAddress
{
    /// <summary>The likeliest: the first address of a round range that is no node's. Null where none looks like one.</summary>
    public static IPAddress? Find(Certificate? apiServer, IReadOnlySet<IPAddress> taken) =>
        (apiServer?.Names.IpAddresses ?? [])
            .Where(address => !IPAddress.IsLoopback(address) && !taken.Contains(address) && address.GetAddressBytes()[^1] == 1)
            .MinBy(address => UsualRange(address).PrefixLength);

    /// <summary>The range that usually begins with such an address: kubeadm's own, else the roundest that fits.</summary>
    public static IPNetwork UsualRange(IPAddress first)
    {
        var bytes = first.GetAddressBytes();
        bytes[^1]--;
        var prefix = first.AddressFamily == AddressFamily.InterNetworkV6 ? 112
            : bytes is [10, 96, 0, 0] ? 12
            : bytes[2] == 0 ? 16
            : 24;
        return new(new(bytes), prefix);
    }
}
