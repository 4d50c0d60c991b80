// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Creating;

/// <summary>What stands of a leaf, as far as the decision needs it.</summary>
public sealed record LeafFacts
{
    /// <summary>The leaf and what stands after it; empty where it is missing or malformed.</summary>
    public IReadOnlyList<Certificate> Chain { get; init; } = [];

    /// <summary>Why the certificate cannot be read; null where it is missing or was read.</summary>
    public string? ChainProblem { get; init; }

    /// <summary>Its key.</summary>
    public StandingKey Key { get; init; }

    /// <summary>What else is wrong with the files that carry it (a kubeconfig's server, its trust); null for nothing.</summary>
    public string? CarrierMistake { get; init; }

    /// <summary>True where the files point at others, which somebody else renews: a kubelet that rotates its certificate.</summary>
    public bool IsElsewhere { get; init; }
}

/// <summary>What is done about a leaf.</summary>
/// <param name="Decision">The verdict, and why.</param>
/// <param name="KeepsKey">Whether the key that stands is used for what is made.</param>
/// <param name="KeepsCertificate">Whether the certificate that stands is good, and only files around it are written anew.</param>
public sealed record LeafDecision(CreationDecision Decision, bool KeepsKey = false, bool KeepsCertificate = false);

/// <summary>Decides about leaf certificates with their keys.</summary>
public static class LeafDecisions
{
    private const string Masters = "system:masters";

    /// <summary>What to do about a leaf.</summary>
    public static LeafDecision Of(PlannedCertificate planned, LeafFacts facts, AuthorityOutlook authority, DateTimeOffset now)
    {
        if (facts.IsElsewhere)
            return new(CreationDecision.Keep("points at files that are renewed by somebody else"));
        if (Mistake(facts, authority.Roles, now) is { } mistake)
            return Replace(facts, authority, mistake);
        var leaf = facts.Chain[0];
        var verdict = authority.Roles is { } trusted
            ? ChainVerifier.Verify(leaf, [.. facts.Chain.Skip(1), .. trusted.Presented], new TrustPool(trusted.Trusted), new() { At = now })
            : null;
        if (verdict is not { IsTrusted: true })
            return new(CreationDecision.Report($"{verdict?.Reason ?? $"it is issued by {leaf.Issuer}, a CA that is not here"}; to replace it: sealock pki renew {planned.Name}"));
        if (ContentMistake(planned, leaf) is { } content)
            return Replace(facts, authority, content);
        var stays = $"valid until {leaf.NotAfter:yyyy-MM-dd}";
        if (leaf.Subject.Organizations.Contains(Masters) && !planned.Subject.Organizations.Contains(Masters))
            stays += $"; in {Masters}, as older versions of kubeadm have it";
        if (authority.Roles is { } roles && roles.HasSigned(leaf) && !facts.Chain.SequenceEqual(roles.ChainOf(leaf)))
            return new(CreationDecision.Make("the certificates after it are not those of its CA; written anew around the same certificate"), true, true);
        return facts.CarrierMistake is { } carrier
            ? new(CreationDecision.Make($"{carrier}; written anew around the same certificate"), true, true)
            : new(CreationDecision.Keep(stays), true, true);
    }

    /// <summary>What is wrong with a leaf's names and usages, in plain words; null for nothing. More names than wanted are none.</summary>
    public static string? ContentMistake(PlannedCertificate planned, Certificate leaf)
    {
        if (leaf.Subject.CommonName != planned.Subject.CommonName)
            return $"it names {leaf.Subject.CommonName ?? "nobody"} instead of {planned.Subject.CommonName}";
        // Older versions of kubeadm gave the group that may do everything: taking it away needs a ClusterRoleBinding first.
        var groups = planned.Subject.Organizations.Except(leaf.Subject.Organizations).ToList();
        if (groups.Count > 0 && !leaf.Subject.Organizations.Contains(Masters))
            return $"it lacks the group {string.Join(", ", groups)}";
        if (planned.Names.Except(leaf.Names).Select(name => name.Text).ToList() is { Count: > 0 } missing)
            return $"it lacks the names {string.Join(", ", missing)}";
        var lacking = planned.Profile.KeyPurposes.Except(leaf.KeyPurposes).Select(KeyPurposes.NameOf).ToList();
        return lacking.Count > 0 && !leaf.KeyPurposes.Contains(KeyPurposes.Any)
            ? $"it lacks the usage {string.Join(", ", lacking)}"
            : null;
    }

    private static LeafDecision Replace(LeafFacts facts, AuthorityOutlook authority, string mistake)
    {
        // A key without certificate is a request's, or what an interrupted run left.
        var keepsKey = facts.Key.Public is not null && facts.Chain.Count == 0 && facts.ChainProblem is null;
        return authority.Source switch
        {
            LeafSource.Signs => new(CreationDecision.Make(mistake), keepsKey),
            LeafSource.AsksFor when keepsKey => new(CreationDecision.Request($"{mistake}: awaited from the external CA"), true),
            LeafSource.AsksFor => new(CreationDecision.Request(facts.Chain.Count > 0 || facts.ChainProblem is not null ? $"{mistake}: put the right one there" : mistake),
                facts.Key.Public is not null),
            _ => new(CreationDecision.Report($"{mistake}, and {authority.Obstacle}")),
        };
    }

    private static string? Mistake(LeafFacts facts, AuthorityRoles? roles, DateTimeOffset now)
    {
        if (facts.ChainProblem is { } problem)
            return $"its certificate cannot be read ({problem})";
        if (facts.Chain is not [var leaf, ..])
            return "missing";
        if (facts.Key.Problem is { } fault)
            return $"its key cannot be read ({fault})";
        if (facts.Key.Public is not { } key)
            return "its key is missing";
        if (!key.Equals(leaf.PublicKey))
            return "its key does not belong to it";
        if (now > leaf.NotAfter)
            return $"expired at {leaf.NotAfter:yyyy-MM-dd HH:mm}Z";
        if (now < leaf.NotBefore)
            return $"not valid before {leaf.NotBefore:yyyy-MM-dd HH:mm}Z";
        return roles is not null && leaf.NotAfter > roles.Signing[0].NotAfter && roles.HasSigned(leaf)
            ? $"it would outlive its CA, which ends at {roles.Signing[0].NotAfter:yyyy-MM-dd}"
            : null;
    }
}
