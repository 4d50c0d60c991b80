// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Acme.Dns;

/// <summary>Whether every authoritative server has a TXT value: only then does a CA see it for sure.</summary>
/// <param name="resolver">Answers the questions.</param>
/// <param name="zones">Finds the servers.</param>
public sealed class TxtPropagation(DnsResolver resolver, DnsZones zones)
{
    /// <summary>Asks all of them once.</summary>
    /// <param name="name">The record's name; an alias there is followed.</param>
    /// <param name="value">The value.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where all have it; else which do not, in one line.</returns>
    public async Task<string?> MissingAsync(string name, string value, CancellationToken cancellationToken = default)
    {
        var alias = await resolver.LookUpAsync(name, DnsType.Txt, cancellationToken);
        if (alias.Status == DnsLookupStatus.Failed)
            return alias.Fault;
        var owner = alias.CanonicalName;
        var (zone, fault) = await zones.FindAsync(owner, cancellationToken);
        if (zone is null)
            return fault;
        var servers = await zones.ServersAsync(zone, cancellationToken);
        if (servers.Count == 0)
            return $"no server of the zone {zone} is found";
        var answers = await Task.WhenAll(servers.Select(server => HasAsync(server, owner, value, cancellationToken)));
        var missing = answers.OfType<string>().ToList();
        return missing.Count == 0 ? null : string.Join("; ", missing);
    }

    private async Task<string?> HasAsync(IPEndPoint server, string name, string value, CancellationToken cancellationToken)
    {
        var lookup = await resolver.LookUpAtAsync(server, name, DnsType.Txt, cancellationToken);
        return lookup.Status == DnsLookupStatus.Failed ? lookup.Fault
            : lookup.Records.Any(record => record.Text == value) ? null : $"{server} does not have the TXT record of {name} yet";
    }
}
