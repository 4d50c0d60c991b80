// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Paths;

namespace Sealock.Controllers.Trust;

/// <summary>How Bundles are published.</summary>
public sealed record TrustOptions
{
    /// <summary>The namespace that sources are read from; empty: where ClusterIssuers have their Secrets.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Whether certificates that have expired are left out.</summary>
    public bool FiltersExpired { get; init; }

    /// <summary>The CAs that <c>useDefaultCAs</c> stands for; null: those of this system.</summary>
    public Func<TrustPool>? DefaultAuthorities { get; init; }
}
