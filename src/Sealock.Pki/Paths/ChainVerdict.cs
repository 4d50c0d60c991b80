// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Paths;

/// <summary>Why a chain is not accepted.</summary>
public enum ChainFailure
{
    /// <summary>It is accepted.</summary>
    None,

    /// <summary>No certificate was presented.</summary>
    NoCertificate,

    /// <summary>A certificate could not be read.</summary>
    Malformed,

    /// <summary>A certificate's validity has ended.</summary>
    Expired,

    /// <summary>A certificate's validity has not begun.</summary>
    NotYetValid,

    /// <summary>No issuer leads to the pool.</summary>
    UnknownIssuer,

    /// <summary>A signature does not verify, or is made with an algorithm that is not accepted.</summary>
    BadSignature,

    /// <summary>An issuer may not issue certificates.</summary>
    NotAuthorizedToSign,

    /// <summary>An issuer's path length is exceeded, or the chain is longer than allowed.</summary>
    PathTooLong,

    /// <summary>A name is not allowed by an issuer's name constraints.</summary>
    NameNotPermitted,

    /// <summary>The certificate, or an issuer of it, is not good for the wanted purpose.</summary>
    WrongPurpose,

    /// <summary>The certificate does not name the wanted host.</summary>
    WrongHost,

    /// <summary>A critical extension is not understood.</summary>
    UnhandledCriticalExtension,

    /// <summary>The work limit was reached.</summary>
    TooMuchWork,
}

/// <summary>The outcome of a verification.</summary>
public sealed record ChainVerdict
{
    /// <summary>The verified chain, leaf first and anchor last; null where refused.</summary>
    public IReadOnlyList<Certificate>? Chain { get; init; }

    /// <summary>Why it is refused; <see cref="ChainFailure.None"/> where it is not.</summary>
    public ChainFailure Failure { get; init; }

    /// <summary>Why it is refused, in plain words; null where it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>True where there is a verified chain.</summary>
    [MemberNotNullWhen(true, nameof(Chain))]
    [MemberNotNullWhen(false, nameof(Reason))]
    public bool IsTrusted => Chain is not null;

    /// <summary>What is accepted though it should not be so (X.509 v1 and the like), of every certificate in the chain.</summary>
    public IReadOnlyList<string> Warnings => Chain is null ? [] : [.. Chain.SelectMany(c => c.Warnings.Select(w => $"{c.Subject}: {w}"))];

    internal static ChainVerdict Refused(ChainFailure failure, string reason) => new() { Failure = failure, Reason = reason };
}

/// <summary>What a verification asks for.</summary>
public sealed record ChainRequirements
{
    /// <summary>The moment at which every certificate of the chain must be valid.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Purposes (OIDs) of which the whole chain must allow at least one; none for any purpose.</summary>
    public IReadOnlyList<string> Purposes { get; init; } = [];

    /// <summary>The DNS name or IP address the leaf must name; null to leave names alone.</summary>
    public string? HostName { get; init; }

    /// <summary>How many certificates a chain may have, leaf and anchor included.</summary>
    public int MaxDepth { get; init; } = 10;

    /// <summary>How many signatures are checked at most while searching.</summary>
    public int MaxSignatureChecks { get; init; } = 100;
}
