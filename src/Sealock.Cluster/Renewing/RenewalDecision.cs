// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Renewing;

/// <summary>Which certificates are renewed, and why. Pure.</summary>
public static class RenewalDecision
{
    /// <summary>Why a certificate is renewed, in plain words; null where it stays.</summary>
    /// <param name="standing">What stands for it.</param>
    /// <param name="roles">Of its CA; null where that is unknown.</param>
    /// <param name="within">Only what ends so soon (or is no good); null for all.</param>
    /// <param name="now">The time.</param>
    public static string? Why(StandingCertificate standing, AuthorityRoles? roles, TimeSpan? within, DateTimeOffset now)
    {
        if (standing.Leaf is not { } leaf)
            return standing.Files.All(file => file.IsMissing) ? "is missing" : "cannot be read";
        if (within is not { } window)
            return "was asked for";
        if (leaf.NotAfter <= now)
            return $"has expired at {leaf.NotAfter:yyyy-MM-dd HH:mm}Z";
        if (leaf.NotAfter - now <= window)
            return $"ends at {leaf.NotAfter:yyyy-MM-dd HH:mm}Z";
        return roles is not null && !roles.HasSigned(leaf) ? "is not of the CA that signs now" : null;
    }

    /// <summary>Picks certificates by name: <c>NAME</c>, <c>NODE/NAME</c>, or <c>all</c>.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="names">What the user wrote; none stands for all.</param>
    /// <param name="node">Only of this node; null for every node.</param>
    /// <returns>The certificates in the plan's order, and what is wrong with the names.</returns>
    public static (IReadOnlyList<PlannedCertificate> Certificates, IReadOnlyList<string> Mistakes) Pick(
        ClusterPlan plan, IReadOnlyList<string> names, string? node)
    {
        var mistakes = new List<string>();
        if (node is not null && plan.Configuration.Nodes.All(one => one.Name != node))
            mistakes.Add($"--node: there is no node {node}; there are: {string.Join(", ", plan.Configuration.Nodes.Take(10))}");
        bool IsMeant(PlannedCertificate certificate, string name) => name == "all" || certificate.Name == name || certificate.Title == name;
        foreach (var name in names.Where(name => !plan.Certificates.Any(certificate => IsMeant(certificate, name))))
        {
            mistakes.Add(plan.Authorities.Any(authority => authority.Name == name)
                ? $"{name} is a CA: sealock pki rotate {name} replaces it without breaking anybody"
                : $"there is no certificate {name}; there are: {string.Join(", ", plan.Certificates.Select(certificate => certificate.Name).Distinct())}, all");
        }

        return ([.. plan.Certificates.Where(certificate =>
            (node is null || certificate.Node.Name == node)
            && (names.Count == 0 || names.Any(name => IsMeant(certificate, name))))], mistakes);
    }
}
