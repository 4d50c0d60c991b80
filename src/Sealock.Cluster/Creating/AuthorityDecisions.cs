// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Creating;

/// <summary>What stands of a key, as far as a decision needs it.</summary>
/// <param name="Public">Its public half; null where it is missing or cannot be read.</param>
/// <param name="Problem">Why it cannot be read, in plain words; null where it is missing or was read.</param>
public readonly record struct StandingKey(PublicKeyInfo? Public, string? Problem)
{
    /// <summary>True where there is none.</summary>
    public bool IsMissing => Public is null && Problem is null;
}

/// <summary>What stands of an authority, as far as the decision needs it.</summary>
public sealed record AuthorityFacts
{
    /// <summary>Its certificate and those above it; empty where it is missing or malformed.</summary>
    public IReadOnlyList<Certificate> Chain { get; init; } = [];

    /// <summary>Why the certificate cannot be read; null where it is missing or was read.</summary>
    public string? ChainProblem { get; init; }

    /// <summary>Its key.</summary>
    public StandingKey Key { get; init; }

    /// <summary>Whether the key is under a passphrase that was not given: no fault as long as nothing has to be signed.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Whether a rotation is under way: then it stays as it is.</summary>
    public bool IsRotating { get; init; }
}

/// <summary>Decides about authorities. Nothing that others may trust already is ever replaced here.</summary>
public static class AuthorityDecisions
{
    /// <summary>What to do about an authority.</summary>
    public static CreationDecision Of(PlannedAuthority planned, AuthorityFacts facts, bool external, DateTimeOffset now)
    {
        if (facts.ChainProblem is { } problem)
            return CreationDecision.Report($"its certificate cannot be read: {problem}; put the right one there, or move it and its key away");
        if (facts.Chain.Count == 0)
            return WithoutCertificate(planned, facts.Key, external);
        var own = facts.Chain[0];
        if (now > own.NotAfter)
            return CreationDecision.Report($"it expired at {own.NotAfter:yyyy-MM-dd HH:mm}Z, and only a new CA helps: sealock pki rotate {planned.Name}");
        if (now < own.NotBefore)
            return CreationDecision.Report($"it is not valid before {own.NotBefore:yyyy-MM-dd HH:mm}Z: check this machine's clock");
        if (own.Version == 3 && !own.IsCa)
            return CreationDecision.Report("its certificate is no CA certificate; put the right one there, or move it and its key away");
        if (facts.Key.Problem is { } fault && !facts.IsLocked)
            return CreationDecision.Report($"its key cannot be read: {fault}");
        if (facts.Key.Public is { } key && !key.Equals(own.PublicKey))
            return CreationDecision.Report("its key does not belong to its certificate; put the right key there, or remove the key if somebody else signs");
        var until = $"valid until {own.NotAfter:yyyy-MM-dd}";
        return CreationDecision.Keep(
            facts.IsLocked ? $"{until}; its key is under a passphrase"
            : facts.Key.IsMissing ? $"{until}; its key is elsewhere, so certificates are asked for"
            : external ? $"{until}; its key is here, though an external CA was asked for"
            : facts.IsRotating ? $"{until}; it is being rotated"
            : own.Subject.CommonName != planned.CommonName ? $"{until}; it is named {own.Subject}"
            : until);
    }

    /// <summary>What leaves can expect of an authority.</summary>
    public static AuthorityOutlook Outlook(CreationDecision decision, AuthorityFacts facts, AuthorityRoles? roles) => decision.Verdict switch
    {
        CreationVerdict.Make => new(null, LeafSource.Signs),
        CreationVerdict.Keep when facts.IsLocked => new(roles, LeafSource.Nothing, "its CA's key is under a passphrase: give --ca-passphrase-file"),
        CreationVerdict.Keep when facts.Key.IsMissing => new(roles, LeafSource.AsksFor),
        CreationVerdict.Keep => new(roles, LeafSource.Signs),
        _ => new(roles, LeafSource.Nothing, "its CA cannot sign"),
    };

    private static CreationDecision WithoutCertificate(PlannedAuthority planned, StandingKey key, bool external) =>
        external ? CreationDecision.Report($"missing; put the external CA's certificate (and those above it) into the set as ca/{planned.Stem}.crt")
        : key.Problem is { } fault ? CreationDecision.Report($"its certificate is missing and its key cannot be read: {fault}")
        : key.IsMissing ? CreationDecision.Make("missing")
        : CreationDecision.Make("its certificate is missing; made for the key that is there");
}

/// <summary>Where a leaf comes from.</summary>
public enum LeafSource
{
    /// <summary>The authority signs here and now.</summary>
    Signs,

    /// <summary>Somebody else has to sign a request.</summary>
    AsksFor,

    /// <summary>Nobody: the authority is broken or locked.</summary>
    Nothing,
}

/// <summary>What leaves can expect of an authority.</summary>
/// <param name="Roles">What it has been until now; null where it is only being made.</param>
/// <param name="Source">Where new leaves come from.</param>
/// <param name="Obstacle">Why from nobody, in plain words; null where they come from somewhere.</param>
public sealed record AuthorityOutlook(AuthorityRoles? Roles, LeafSource Source, string? Obstacle = null);
