// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Net;
using Sealock.Api.Security;

namespace Sealock.Gateway.Addresses;

/// <summary>From where certain users may come. A user whom several rules name has to satisfy all of them.</summary>
public sealed record SubjectAddressRule
{
    /// <summary>The users, by name.</summary>
    public FrozenSet<string> Users { get; init; } = FrozenSet<string>.Empty;

    /// <summary>The groups; <c>system:unauthenticated</c> and <c>system:authenticated</c> are among them.</summary>
    public FrozenSet<string> Groups { get; init; } = FrozenSet<string>.Empty;

    /// <summary>From where.</summary>
    public required AddressFilter From { get; init; }

    /// <summary>Whether the rule says something about a user.</summary>
    public bool Names(UserInfo user)
    {
        if (Users.Contains(user.Name))
            return true;
        foreach (var group in user.Groups)
        {
            if (Groups.Contains(group))
                return true;
        }

        return false;
    }

    /// <summary>Whether a user may come from an address, as far as this rule goes.</summary>
    public bool Admits(UserInfo user, IPAddress address) => !Names(user) || From.Admits(address);
}
