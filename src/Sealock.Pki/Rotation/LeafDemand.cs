// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Rotation;

/// <summary>What a rotation's phase asks of a leaf that stands.</summary>
public enum LeafDemand
{
    /// <summary>It is as it must be.</summary>
    Keep,

    /// <summary>The leaf stays; what stands after it changes.</summary>
    Rechain,

    /// <summary>The CA that signs now has to sign a new one.</summary>
    Reissue,
}

/// <summary>Decides what a phase asks of a leaf.</summary>
public static class LeafDemands
{
    /// <summary>Of a stored chain, leaf first; an empty one stands for a leaf that is missing.</summary>
    public static LeafDemand Of(IReadOnlyList<Certificate> stored, AuthorityRoles roles) =>
        stored.Count == 0 || !roles.HasSigned(stored[0]) ? LeafDemand.Reissue
        : stored.SequenceEqual(roles.ChainOf(stored[0])) ? LeafDemand.Keep
        : LeafDemand.Rechain;
}
