// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Acme.Dns;

namespace Sealock.Acme.Solvers;

/// <summary>Changes records by dynamic update (RFC 2136) at a zone's primary server.</summary>
/// <param name="server">The primary server.</param>
/// <param name="key">Signs; null where the server lets this machine in by its address.</param>
/// <param name="clock">The clock.</param>
/// <param name="zone">The zone; null to ask the server which one a name is in.</param>
/// <param name="timeToLive">Seconds that a value may be kept elsewhere.</param>
public sealed class Rfc2136Provider(IPEndPoint server, TsigKey? key, TimeProvider clock, string? zone = null, uint timeToLive = 60) : IDnsProvider
{
    private readonly DnsUpdater _updater = new(server, key, clock);
    private readonly DnsZones _zones = new(new DnsResolver([server], clock));

    /// <inheritdoc/>
    public async Task<string?> AddAsync(TxtValue value, CancellationToken cancellationToken)
    {
        var (found, fault) = await ZoneAsync(value.Name, cancellationToken);
        return found is null ? fault : await _updater.AddAsync(found, value.Name, value.Value, timeToLive, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<string?> RemoveAsync(TxtValue value, CancellationToken cancellationToken)
    {
        var (found, fault) = await ZoneAsync(value.Name, cancellationToken);
        return found is null ? fault : await _updater.RemoveAsync(found, value.Name, value.Value, cancellationToken);
    }

    private async Task<(string? Zone, string? Fault)> ZoneAsync(string name, CancellationToken cancellationToken) =>
        zone is not null ? (zone, null) : await _zones.FindAsync(name, cancellationToken);
}
