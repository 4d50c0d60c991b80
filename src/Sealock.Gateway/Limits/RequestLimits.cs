// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Addresses;

namespace Sealock.Gateway.Limits;

/// <summary>
/// Holds every user, and every address, to its share. Users without credentials are told apart by their addresses, since they
/// would take each other's share otherwise.
/// </summary>
internal sealed class RequestLimits(TimeProvider clock)
{
    /// <summary>How many users, and how many addresses, are remembered while they have nothing in use.</summary>
    private const int Remembered = 16 * 1024;

    private readonly ShareTable<string> _users = new(Remembered, clock);
    private readonly ShareTable<AddressKey> _strangers = new(Remembered, clock);
    private readonly ShareTable<string> _largeBodies = new(Remembered, clock);
    private readonly ShareTable<AddressKey> _largeBodiesOfStrangers = new(Remembered, clock);
    private readonly ShareTable<AddressKey> _addresses = new(Remembered, clock);

    /// <summary>Users that are remembered.</summary>
    public int Users => _users.Count;

    /// <summary>Addresses that are remembered.</summary>
    public int Addresses => _addresses.Count + _strangers.Count;

    /// <summary>Counts a request in for the address that it comes from.</summary>
    public ShareVerdict EnterAddress(IPAddress address, TrafficPolicy policy, RequestKind kind) =>
        policy.PerAddress.IsUnlimited || policy.TrustedProxies.Contains(address)
            ? default
            : _addresses.Enter(AddressKey.Of(address), policy.PerAddress, kind);

    /// <summary>Counts a request in for whom it acts.</summary>
    public ShareVerdict EnterUser(UserInfo user, IPAddress address, TrafficPolicy policy, RequestKind kind)
    {
        if (policy.PerUser.IsUnlimited || policy.IsExempt(user))
            return default;
        return Enter(_users, _strangers, user, address, policy, policy.PerUser, kind);
    }

    /// <summary>Counts the large body of a request.</summary>
    public ShareVerdict EnterLargeBody(UserInfo user, IPAddress address, TrafficPolicy policy)
    {
        if (policy.LargeBodiesPerSecond <= 0 || policy.IsExempt(user))
            return default;
        var share = new RequestShare { PerSecond = policy.LargeBodiesPerSecond, Burst = 10 * policy.LargeBodiesPerSecond };
        var verdict = Enter(_largeBodies, _largeBodiesOfStrangers, user, address, policy, share, RequestKind.Mutating);
        verdict.Seat.Leave();
        return verdict;
    }

    /// <summary>The answer to a request that has no place.</summary>
    public static ApiException TooMany(string whose, in ShareVerdict verdict) => ApiException.TooManyRequests(
        verdict.Refusal == ShareRefusal.Rate
            ? $"Too many requests per second of this {whose}, please try again later."
            : $"Too many requests of this {whose} at a time, please try again later.",
        Math.Max(1, (int)Math.Min(3600, Math.Ceiling(verdict.Wait.TotalSeconds))));

    private static ShareVerdict Enter(
        ShareTable<string> users, ShareTable<AddressKey> strangers, UserInfo user, IPAddress address, TrafficPolicy policy, RequestShare share,
        RequestKind kind)
    {
        if (!user.Groups.Contains(WellKnownGroups.Unauthenticated))
            return users.Enter(user.Name, share, kind);
        return policy.TrustedProxies.Contains(address) ? default : strangers.Enter(AddressKey.Of(address), share, kind);
    }
}
