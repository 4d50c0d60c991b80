// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using Sealock.Api.Security;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;

namespace Sealock.Gateway.Limits;

/// <summary>Whether connections of trusted proxies start with a header of the PROXY protocol.</summary>
public enum ProxyProtocolUse
{
    /// <summary>They do not: one that does is closed.</summary>
    Off,

    /// <summary>They may.</summary>
    Optional,

    /// <summary>They do: one that does not is closed.</summary>
    Required,
}

/// <summary>
/// Who may come in, by whom and how much of it: everything about traffic that can be changed while the server runs. Immutable;
/// a change is a new policy.
/// </summary>
public sealed record TrafficPolicy
{
    /// <summary>Larger bodies than this are counted apart: 256 KiB.</summary>
    public const int LargeBodyBytes = 256 * 1024;

    /// <summary>From where clients are let in at all; asked before TLS, and again for clients that a proxy names.</summary>
    public AddressFilter Clients { get; init; } = AddressFilter.Everyone;

    /// <summary>From where certain users are let in.</summary>
    public ImmutableArray<SubjectAddressRule> SubjectRules { get; init; } = [];

    /// <summary>Proxies and load balancers whose word about their clients is taken, as far as the following says.</summary>
    public CidrSet TrustedProxies { get; init; } = CidrSet.Empty;

    /// <summary>Whether they may speak plain HTTP, because TLS ends at them.</summary>
    public bool ExternalTls { get; init; }

    /// <summary>Whether what they send in plain HTTP counts as sent over TLS also where they do not say so.</summary>
    public bool ExternalTlsAssumed { get; init; }

    /// <summary>Whether they speak the PROXY protocol.</summary>
    public ProxyProtocolUse ProxyProtocol { get; init; }

    /// <summary>In which headers they name their clients.</summary>
    public ForwardedForm Forwarded { get; init; }

    /// <summary>The share of each user.</summary>
    public RequestShare PerUser { get; init; } = RequestShare.Unlimited;

    /// <summary>
    /// Requests of each user per second, in the long run, whose bodies are larger than <see cref="LargeBodyBytes"/>, and ten times as
    /// many at once; 0 for no limit. What is made of such a body while it is checked takes a while to be collected, for everybody.
    /// </summary>
    public int LargeBodiesPerSecond { get; init; }

    /// <summary>The share of each address.</summary>
    public RequestShare PerAddress { get; init; } = RequestShare.Unlimited;

    /// <summary>Groups that shares are not for, beside <c>system:masters</c>: an administrator can act, whoever floods.</summary>
    public FrozenSet<string> ExemptGroups { get; init; } = FrozenSet<string>.Empty;

    /// <summary>Open connections of one address; 0 for no limit.</summary>
    public int ConnectionsPerAddress { get; init; }

    /// <summary>Whether shares are not for a user.</summary>
    public bool IsExempt(UserInfo user)
    {
        foreach (var group in user.Groups)
        {
            if (group == WellKnownGroups.Masters || ExemptGroups.Contains(group))
                return true;
        }

        return false;
    }

    /// <summary>Whether all rules that name a user let it come from an address.</summary>
    public bool Admits(UserInfo user, IPAddress address)
    {
        foreach (var rule in SubjectRules)
        {
            if (!rule.Admits(user, address))
                return false;
        }

        return true;
    }
}
