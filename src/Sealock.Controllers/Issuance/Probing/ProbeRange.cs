// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Globalization;
using System.Net;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>Addresses and ports that may be probed.</summary>
/// <param name="Network">The addresses.</param>
/// <param name="FirstPort">First port; 0: those where TLS is usual.</param>
/// <param name="LastPort">Last port.</param>
public readonly record struct ProbeRange(IPNetwork Network, int FirstPort, int LastPort)
{
    /// <summary>Ports where TLS begins at once: HTTPS, mail, directories, registries, brokers, Kubernetes' own.</summary>
    public static FrozenSet<int> UsualPorts { get; } = new[]
    {
        443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 2379, 2380, 3269, 4443, 5061, 5671, 6380, 6443, 6514, 6697, 8443, 8883, 9093, 9443, 10250,
    }.ToFrozenSet();

    /// <summary>Reads <c>CIDR</c>, <c>CIDR:PORT</c> or <c>CIDR:PORT-PORT</c>; IPv6 with ports in brackets: <c>[fd00::/8]:443</c>.</summary>
    public static bool TryParse(string text, out ProbeRange range)
    {
        range = default;
        var (place, ports) = (text, "");
        if (text.StartsWith('['))
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0 || (end + 1 < text.Length && text[end + 1] != ':'))
                return false;
            (place, ports) = (text[1..end], end + 1 < text.Length ? text[(end + 2)..] : "");
            if (end + 1 < text.Length && ports.Length == 0)
                return false;
        }
        else if (text.Split(':') is [var before, var after])
        {
            (place, ports) = (before, after);
            if (ports.Length == 0)
                return false;
        }

        if (!IPNetwork.TryParse(place, out var network))
        {
            if (!IPAddress.TryParse(place, out var single))
                return false;
            network = new IPNetwork(single, single.GetAddressBytes().Length * 8);
        }

        var (first, last) = (0, 0);
        if (ports.Length > 0)
        {
            var dash = ports.IndexOf('-', StringComparison.Ordinal);
            if (!IsPort(dash < 0 ? ports : ports[..dash], out first) || !IsPort(dash < 0 ? ports : ports[(dash + 1)..], out last) || last < first)
                return false;
        }

        range = new(network, first, last);
        return true;
    }

    /// <summary>Whether a port is among them.</summary>
    public bool HasPort(int port) => FirstPort == 0 ? UsualPorts.Contains(port) : port >= FirstPort && port <= LastPort;

    private static bool IsPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
