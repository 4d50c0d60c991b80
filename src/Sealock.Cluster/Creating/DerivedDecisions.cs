// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;

namespace Sealock.Cluster.Creating;

/// <summary>Decides about nodes' copies of what the set holds once: bundles, signing certificates, keys.</summary>
internal static class DerivedDecisions
{
    public static CreationDecision Of(StandingFile file, byte[] wanted, SetMaterial material)
    {
        if (file.IsMissing)
            return CreationDecision.Make("missing");
        if (file.Content is not { } standing)
            return CreationDecision.Report($"it cannot be read: {file.Problem}");
        return standing.AsSpan().SequenceEqual(wanted) || HoldsTheSame(file, material)
            ? CreationDecision.Keep("the same as in the set")
            : CreationDecision.Make("differs from the set's");
    }

    /// <summary>Other text around the same certificates is no difference.</summary>
    private static bool HoldsTheSame(StandingFile file, SetMaterial material)
    {
        var wanted = file.Planned.Content switch
        {
            AuthorityBundle bundle => material.RolesOf(bundle.Authority)?.Trusted,
            AuthorityCertificate certificate when material.RolesOf(certificate.Authority) is { } roles => [roles.Signing[0]],
            _ => null,
        };
        return wanted is not null && file.Certificates.SequenceEqual(wanted);
    }
}
