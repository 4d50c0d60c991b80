// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Sealock.Cluster.Handshakes;
using Sealock.Controllers.Issuance.Probing;

namespace Sealock.Hosting;

/// <summary>Asks endpoints by handshake which certificate they serve.</summary>
internal static class IssuanceProbe
{
    private const int MostAddresses = 4;

    /// <summary>A probe of what may be probed: it connects to the very addresses that were looked at, not to a name.</summary>
    /// <param name="ranges">What may be probed; null: other hosts' usual ports.</param>
    /// <param name="ownPorts">Ports of this process's own listeners.</param>
    /// <param name="clock">The clock.</param>
    public static ProbeEndpoint With(IReadOnlyList<ProbeRange>? ranges, IEnumerable<int> ownPorts, TimeProvider clock)
    {
        var allowance = new ProbeAllowance(ranges) { OwnPorts = [.. ownPorts], IsOwn = IsOwn };
        return (target, cancellationToken) => AskAsync(allowance, target, clock, cancellationToken);
    }

    private static async ValueTask<ProbeAnswer> AskAsync(
        ProbeAllowance allowance, ProbeTarget target, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (!allowance.AllowsPort(target.Port) || (IPAddress.TryParse(target.Host, out var literal) && !allowance.Allows(literal, target.Port)))
            return ProbeAnswer.NotAllowed;
        IPAddress[] addresses;
        try
        {
            addresses = await Dns.GetHostAddressesAsync(target.Host, cancellationToken);
        }
        catch (SocketException)
        {
            return ProbeAnswer.None;
        }

        foreach (var address in addresses.Where(address => allowance.Allows(address, target.Port)).Take(MostAddresses))
        {
            var answer = await EndpointProbe.FetchAsync(
                new EndpointQuestion
                {
                    Host = address.ToString(),
                    Port = target.Port,
                    ServerName = target.ServerName,
                    AnswerWait = TimeSpan.Zero,
                },
                clock, cancellationToken);
            if (answer.Leaf is { } leaf)
                return new ProbeAnswer(leaf.Der);
        }

        return ProbeAnswer.None;
    }

    private static bool IsOwn(IPAddress address) => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(card => card.GetIPProperties().UnicastAddresses)
        .Any(own => own.Address.GetAddressBytes().AsSpan().SequenceEqual(address.GetAddressBytes()));
}
