// SPDX-License-Identifier: Apache-2.0
using Sealock.Gateway.Metrics;

namespace Sealock.Gateway.Limits;

/// <summary>The traffic policy of the moment, what is counted for it, and what it has refused.</summary>
internal sealed class TrafficControl(TrafficPolicy policy, TimeProvider clock)
{
    private readonly long[] _refusals = new long[Enum.GetValues<TrafficRefusal>().Length];
    private volatile TrafficPolicy _policy = policy;

    /// <summary>What holds now; read once per connection or request.</summary>
    public TrafficPolicy Policy
    {
        get => _policy;
        set => _policy = value;
    }

    /// <summary>The requests of each user and address.</summary>
    public RequestLimits Requests { get; } = new(clock);

    /// <summary>The open connections of each address.</summary>
    public ConnectionCounts Connections { get; } = new();

    /// <summary>Something was refused.</summary>
    public void Refused(TrafficRefusal refusal) => Interlocked.Increment(ref _refusals[(int)refusal]);

    /// <summary>A request had no place in a share.</summary>
    public void Refused(bool user, ShareRefusal refusal) => Refused((user, refusal) switch
    {
        (true, ShareRefusal.Rate) => TrafficRefusal.UserRate,
        (true, _) => TrafficRefusal.UserInFlight,
        (false, ShareRefusal.Rate) => TrafficRefusal.AddressRate,
        _ => TrafficRefusal.AddressInFlight,
    });

    /// <summary>Writes what was counted.</summary>
    public void Write(PrometheusText text)
    {
        const string connections = "sealock_connections_refused_total";
        text.Family(connections, "counter", "Connections closed before TLS.");
        text.Sample(connections, Count(TrafficRefusal.ConnectionAddress), ("reason", "address"));
        text.Sample(connections, Count(TrafficRefusal.ProxyHeader), ("reason", "proxy_header"));
        text.Sample(connections, Count(TrafficRefusal.ConnectionCount), ("reason", "connections_of_address"));
        const string slowed = "sealock_connections_slowed_total";
        text.Family(slowed, "counter", "Connections read from more slowly, for how many requests their clients have taken back.");
        text.Sample(slowed, Count(TrafficRefusal.StreamResets));
        const string requests = "sealock_requests_refused_total";
        text.Family(requests, "counter", "Requests refused for where they come from, or for how many there are.");
        text.Sample(requests, Count(TrafficRefusal.RequestAddress), ("reason", "address"));
        text.Sample(requests, Count(TrafficRefusal.UserAddress), ("reason", "address_of_user"));
        text.Sample(requests, Count(TrafficRefusal.ForwardedHeader), ("reason", "forwarded_header"));
        text.Sample(requests, Count(TrafficRefusal.NotOverTls), ("reason", "not_over_tls"));
        text.Sample(requests, Count(TrafficRefusal.UserRate), ("reason", "user_rate"));
        text.Sample(requests, Count(TrafficRefusal.UserInFlight), ("reason", "user_in_flight"));
        text.Sample(requests, Count(TrafficRefusal.UserLargeBodies), ("reason", "user_large_bodies"));
        text.Sample(requests, Count(TrafficRefusal.AddressRate), ("reason", "address_rate"));
        text.Sample(requests, Count(TrafficRefusal.AddressInFlight), ("reason", "address_in_flight"));
        const string remembered = "sealock_limited_clients";
        text.Family(remembered, "gauge", "Users and addresses whose requests are being counted.");
        text.Sample(remembered, Requests.Users, ("kind", "user"));
        text.Sample(remembered, Requests.Addresses, ("kind", "address"));
    }

    private long Count(TrafficRefusal refusal) => Interlocked.Read(ref _refusals[(int)refusal]);
}

/// <summary>Why something was refused.</summary>
internal enum TrafficRefusal
{
    /// <summary>A connection, for its address.</summary>
    ConnectionAddress,

    /// <summary>A connection, for its PROXY header, or for having none.</summary>
    ProxyHeader,

    /// <summary>A connection, for how many its address has.</summary>
    ConnectionCount,

    /// <summary>No refusal: a connection is read from more slowly, for how many requests its client has taken back.</summary>
    StreamResets,

    /// <summary>A request, for its client's address.</summary>
    RequestAddress,

    /// <summary>A request, for its client's address, which is not one of its user's.</summary>
    UserAddress,

    /// <summary>A request whose forwarding headers do not parse.</summary>
    ForwardedHeader,

    /// <summary>A request that did not come to the proxy over TLS, or not that anybody says so.</summary>
    NotOverTls,

    /// <summary>A request, for its user's rate.</summary>
    UserRate,

    /// <summary>A request, for how many its user has at a time.</summary>
    UserInFlight,

    /// <summary>A request, for how many large bodies its user sends.</summary>
    UserLargeBodies,

    /// <summary>A request, for its address' rate.</summary>
    AddressRate,

    /// <summary>A request, for how many its address has at a time.</summary>
    AddressInFlight,
}
