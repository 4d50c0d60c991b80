// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Rotating;

/// <summary>Whether a server accepted a client certificate.</summary>
public enum ClientAcceptance
{
    /// <summary>It was not asked: no key to make such a certificate, or the server asks for none.</summary>
    NotAsked,

    /// <summary>It was accepted (a server may still allow its bearer nothing).</summary>
    Accepted,

    /// <summary>It was refused.</summary>
    Refused,
}

/// <summary>What an endpoint showed of a rotation.</summary>
public sealed record EndpointFacts
{
    /// <summary>The endpoint.</summary>
    public required ClusterEndpoint Endpoint { get; init; }

    /// <summary>The certificate that is served; null where the endpoint cannot be reached.</summary>
    public Certificate? Leaf { get; init; }

    /// <summary>Whether the served chain is accepted by who trusts the old CA alone.</summary>
    public bool ChainsToOld { get; init; }

    /// <summary>Whether the served chain is accepted by who trusts the new CA alone.</summary>
    public bool ChainsToNew { get; init; }

    /// <summary>Whether the old CA itself has signed the leaf.</summary>
    public bool SignedByOld { get; init; }

    /// <summary>Whether the new CA itself has signed the leaf.</summary>
    public bool SignedByNew { get; init; }

    /// <summary>Whether a client certificate of the old CA is accepted; not asked where the root stays the same.</summary>
    public ClientAcceptance OldClient { get; init; }

    /// <summary>Whether a client certificate of the new CA is accepted.</summary>
    public ClientAcceptance NewClient { get; init; }

    /// <summary>Why nothing is known, in plain words; null where something is.</summary>
    public string? Failure { get; init; }
}
