// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Sealock.Gateway.Addresses;

/// <summary>
/// Which addresses are let in: those of <see cref="Allow"/>, or all where it is empty, but for those of <see cref="Deny"/>.
/// </summary>
public sealed record AddressFilter
{
    /// <summary>Lets everyone in.</summary>
    public static AddressFilter Everyone { get; } = new();

    /// <summary>Who is let in; empty for everyone.</summary>
    public CidrSet Allow { get; init; } = CidrSet.Empty;

    /// <summary>Who is not, whatever <see cref="Allow"/> says.</summary>
    public CidrSet Deny { get; init; } = CidrSet.Empty;

    /// <summary>Whether an address is let in.</summary>
    public bool Admits(IPAddress address) => (Allow.IsEmpty || Allow.Contains(address)) && !Deny.Contains(address);
}
