// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Acme.Dns;

/// <summary>Finds the zone that a name is in, and that zone's own servers.</summary>
/// <param name="resolver">Answers the questions.</param>
/// <param name="port">The port of authoritative servers: 53, except in tests.</param>
public sealed class DnsZones(DnsResolver resolver, int port = 53)
{
    private const int MostServers = 20;

    /// <summary>The name of the zone that a name is in; null with the fault where it cannot be found.</summary>
    public async Task<(string? Zone, string? Fault)> FindAsync(string name, CancellationToken cancellationToken = default)
    {
        var normal = DnsName.Normalize(name);
        for (var candidate = normal; !string.IsNullOrEmpty(candidate); candidate = DnsName.Parent(candidate))
        {
            var lookup = await resolver.LookUpAsync(candidate, DnsType.Soa, cancellationToken);
            switch (lookup.Status)
            {
                case DnsLookupStatus.Failed:
                    return (null, lookup.Fault);
                // An alias here leads into another zone, which is not the one the alias itself is in.
                case DnsLookupStatus.Found when lookup.CanonicalName == candidate:
                    return (candidate, null);
                case DnsLookupStatus.NoName or DnsLookupStatus.NoRecords
                    when lookup.CanonicalName == candidate && lookup.Zone.Length > 0 && DnsName.IsIn(candidate, lookup.Zone):
                    return (lookup.Zone, null);
            }
        }

        return (null, $"no zone is found that {name} is in");
    }

    /// <summary>Where a zone's own servers are, each once.</summary>
    public async Task<IReadOnlyList<IPEndPoint>> ServersAsync(string zone, CancellationToken cancellationToken = default)
    {
        var lookup = await resolver.LookUpAsync(zone, DnsType.Ns, cancellationToken);
        var addresses = new List<IPAddress>();
        foreach (var server in lookup.Records.Take(MostServers))
            addresses.AddRange(await resolver.AddressesAsync(server.Target, cancellationToken));
        return [.. addresses.Distinct().Take(MostServers).Select(address => new IPEndPoint(address, port))];
    }
}
