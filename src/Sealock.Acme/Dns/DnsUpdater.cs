// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Acme.Dns;

/// <summary>Adds and removes single TXT values by dynamic update (RFC 2136), signed where there is a key.</summary>
/// <param name="server">The zone's primary server.</param>
/// <param name="key">Signs; null for a server that lets this machine in by its address.</param>
/// <param name="clock">The clock, which must agree with the server's within five minutes.</param>
public sealed class DnsUpdater(IPEndPoint server, TsigKey? key, TimeProvider clock)
{
    private readonly DnsExchange _exchange = new(clock, TimeSpan.FromSeconds(10));

    /// <summary>Adds a value beside those that are there: safe to repeat.</summary>
    /// <param name="zone">The zone the name is in.</param>
    /// <param name="name">The record's name.</param>
    /// <param name="value">The value.</param>
    /// <param name="timeToLive">Seconds that it may be kept elsewhere.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Null where it is done, else why not in one line.</returns>
    public Task<string?> AddAsync(string zone, string name, string value, uint timeToLive, CancellationToken cancellationToken = default) =>
        SendAsync(zone, new(DnsName.Normalize(name), DnsType.Txt, (ushort)DnsClass.Internet, timeToLive, DnsRecord.TextData(value)), cancellationToken);

    /// <summary>Removes a value and leaves the others: safe to repeat.</summary>
    /// <inheritdoc cref="AddAsync"/>
    public Task<string?> RemoveAsync(string zone, string name, string value, CancellationToken cancellationToken = default) =>
        SendAsync(zone, new(DnsName.Normalize(name), DnsType.Txt, (ushort)DnsClass.None, 0, DnsRecord.TextData(value)), cancellationToken);

    private async Task<string?> SendAsync(string zone, DnsRecord change, CancellationToken cancellationToken)
    {
        var update = DnsMessage.Update(DnsExchange.NewId(), DnsName.Normalize(zone), change);
        var plain = update.Write();
        var signed = key is null ? null : Tsig.Sign(key, plain, clock.GetUtcNow());
        var outcome = await _exchange.SendAsync(server, signed?.Message ?? plain, update.Questions[0], cancellationToken);
        if (outcome.Answer is not { } answer)
            return $"the update of {zone} failed: {outcome.Fault}";
        if (signed is not null && Tsig.Refuse(key!, signed.Mac, outcome.Bytes, answer, clock.GetUtcNow()) is { } refusal)
            return $"{server} did not do the update of {zone}: {refusal}";
        return answer.Code switch
        {
            DnsResponseCode.NoError => null,
            DnsResponseCode.Refused => $"{server} refuses to update {zone}: allow the key to change TXT records (update-policy or allow-update)",
            DnsResponseCode.NotAuthoritative => $"{server} is not the primary server of {zone}: name that one",
            DnsResponseCode.NotInZone => $"{server} says that {change.Name} is not in the zone {zone}",
            DnsResponseCode.NotImplemented => $"{server} takes no dynamic updates",
            var code => $"{server} answers the update of {zone} with {code}",
        };
    }
}
