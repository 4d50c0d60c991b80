// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Sealock.Acme.Dns;

/// <summary>
/// Asks DNS servers and follows aliases. Unlike the system's resolver it asks for any type, and keeps nothing: what was set a
/// moment ago must be seen. Bounded in time and steps.
/// </summary>
public sealed class DnsResolver
{
    private const int MostAliases = 10;
    private const int DnsPort = 53;

    private readonly DnsExchange _exchange;

    /// <summary>Asks these servers, the next one where one fails.</summary>
    /// <param name="servers">At least one.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="timeout">How long one server may take for one try; null for 3 s.</param>
    public DnsResolver(IReadOnlyList<IPEndPoint> servers, TimeProvider clock, TimeSpan? timeout = null)
    {
        ArgumentOutOfRangeException.ThrowIfZero(servers.Count);
        Servers = servers;
        _exchange = new(clock, timeout);
    }

    /// <summary>The servers.</summary>
    public IReadOnlyList<IPEndPoint> Servers { get; }

    /// <summary>The servers this machine uses (/etc/resolv.conf); the one on this machine where it names none.</summary>
    public static IReadOnlyList<IPEndPoint> SystemServers(string file = "/etc/resolv.conf")
    {
        try
        {
            var servers = File.ReadLines(file).Take(1000)
                .Select(line => line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
                .Where(words => words.Length > 1 && words[0] == "nameserver")
                .Select(words => IPAddress.TryParse(words[1], out var address) ? new IPEndPoint(address, DnsPort) : null)
                .OfType<IPEndPoint>().Take(3).ToList();
            return servers.Count > 0 ? servers : [new(IPAddress.Loopback, DnsPort)];
        }
        catch (Exception missing) when (missing is IOException or UnauthorizedAccessException)
        {
            return [new(IPAddress.Loopback, DnsPort)];
        }
    }

    /// <summary>A server as users write it: an address, with a port where it is not 53 (<c>[2001:db8::1]:5353</c>).</summary>
    public static bool TryParseServer(string text, out IPEndPoint server) =>
        EndPointText.TryParse(text, DnsPort, out server) && server.Port != 0;

    /// <summary>The records of a type at a name.</summary>
    public Task<DnsLookup> LookUpAsync(string name, DnsType type, CancellationToken cancellationToken = default) =>
        LookUpAsync(name, type, Servers, recursive: true, cancellationToken);

    /// <summary>The same of one server and what it knows itself: an authoritative one.</summary>
    public Task<DnsLookup> LookUpAtAsync(IPEndPoint server, string name, DnsType type, CancellationToken cancellationToken = default) =>
        LookUpAsync(name, type, [server], recursive: false, cancellationToken);

    /// <summary>The addresses of a host; none where it has none or cannot be looked up.</summary>
    public async Task<IReadOnlyList<IPAddress>> AddressesAsync(string host, CancellationToken cancellationToken = default)
    {
        if (IPAddress.TryParse(host, out var literal))
            return [literal];
        var four = await LookUpAsync(host, DnsType.A, cancellationToken);
        var six = Socket.OSSupportsIPv6 ? await LookUpAsync(host, DnsType.Aaaa, cancellationToken) : null;
        return [.. four.Records.Concat(six?.Records ?? []).Select(record => record.Address).OfType<IPAddress>()];
    }

    private async Task<DnsLookup> LookUpAsync(
        string name, DnsType type, IReadOnlyList<IPEndPoint> servers, bool recursive, CancellationToken cancellationToken)
    {
        var current = DnsName.Normalize(name);
        for (var aliases = 0; aliases <= MostAliases; aliases++)
        {
            var (answer, fault) = await AskAsync(current, type, servers, recursive, cancellationToken);
            if (answer is null)
                return DnsLookup.Failed(fault!);
            var seen = new HashSet<string>();
            var target = current;
            while (type != DnsType.Cname && seen.Add(target)
                && answer.Answers.FirstOrDefault(record => record.Type == DnsType.Cname && record.Name == target) is { } alias)
                target = alias.Target;
            var records = answer.Answers.Where(record => record.Type == type && record.Name == target && record.Class == (ushort)DnsClass.Internet).ToList();
            var zone = answer.Authority.FirstOrDefault(record => record.Type == DnsType.Soa)?.Name ?? "";
            if (records.Count > 0)
                return new() { Status = DnsLookupStatus.Found, Records = records, CanonicalName = target, Zone = zone };
            if (answer.Code == DnsResponseCode.NoSuchName)
                return new() { Status = DnsLookupStatus.NoName, CanonicalName = target, Zone = zone };
            // A resolver that could not follow an alias to its end leaves that to us; one that found nothing there says so.
            if (target == current || zone.Length > 0)
                return new() { Status = DnsLookupStatus.NoRecords, CanonicalName = target, Zone = zone };
            current = target;
        }

        return DnsLookup.Failed($"{name} is an alias of an alias, more than {MostAliases} times");
    }

    private async Task<(DnsMessage? Answer, string? Fault)> AskAsync(
        string name, DnsType type, IReadOnlyList<IPEndPoint> servers, bool recursive, CancellationToken cancellationToken)
    {
        var faults = new List<string>();
        foreach (var server in servers)
        {
            var query = DnsMessage.Query(DnsExchange.NewId(), name, type, recursive);
            var outcome = await _exchange.SendAsync(server, query.Write(), query.Questions[0], cancellationToken);
            if (outcome.Answer is not { } answer)
                faults.Add(outcome.Fault!);
            else if (answer.Code is DnsResponseCode.NoError or DnsResponseCode.NoSuchName)
                return (answer, null);
            else
                faults.Add($"{server} answers {answer.Code}");
        }

        return (null, $"{name}: {string.Join("; ", faults)}");
    }
}
