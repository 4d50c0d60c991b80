// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Surveying;

/// <summary>How a leaf stands to the authorities that were found.</summary>
public enum IssuerVerdict
{
    /// <summary>Signed by what its node trusts, directly or through certificates beside it.</summary>
    Trusted,

    /// <summary>Signed by an authority of this cluster, but not by the one that it is to come from.</summary>
    OtherAuthority,

    /// <summary>An authority has the issuer's name, but its key did not make the signature.</summary>
    SameNameOtherKey,

    /// <summary>Signed by its own key.</summary>
    SelfSigned,

    /// <summary>Signed by an intermediate CA that is neither beside it nor trusted.</summary>
    Incomplete,

    /// <summary>No authority with the issuer's name was found.</summary>
    Unknown,

    /// <summary>No authority was found at all, so nothing can be said.</summary>
    NothingToCompare,
}

/// <summary>Who signed a leaf.</summary>
/// <param name="Verdict">How it stands.</param>
/// <param name="Issuer">The certificate that signed it, or that has the issuer's name; null where none was found.</param>
/// <param name="Authority">The authority that <paramref name="Issuer"/> belongs to, where known.</param>
/// <param name="Reason">Why the signature does not count, in plain words; null where it does.</param>
public sealed record IssuerAnswer(IssuerVerdict Verdict, Certificate? Issuer = null, PlannedAuthority? Authority = null, string? Reason = null);
