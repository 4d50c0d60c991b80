// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Issuing;

/// <summary>The answer of a certificate authority: a certificate, or why there is none.</summary>
public sealed record IssuanceResult
{
    /// <summary>The certificate, or null where the request was refused.</summary>
    public Certificate? Certificate { get; init; }

    /// <summary>Why the request was refused, in plain words; null where it was not.</summary>
    public string? Refusal { get; init; }

    /// <summary>What the lints found; errors only where refused.</summary>
    public IReadOnlyList<LintFinding> Findings { get; init; } = [];

    /// <summary>True where there is a certificate.</summary>
    [MemberNotNullWhen(true, nameof(Certificate))]
    [MemberNotNullWhen(false, nameof(Refusal))]
    public bool IsIssued => Certificate is not null;

    /// <summary>The certificate, for callers whose own request cannot be at fault.</summary>
    /// <exception cref="InvalidOperationException">The request was refused.</exception>
    public Certificate Require() => Certificate ?? throw new InvalidOperationException(Refusal);

    internal static IssuanceResult Refused(string reason, IReadOnlyList<LintFinding>? findings = null) =>
        new() { Refusal = reason, Findings = findings ?? [] };
}
