// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Approval;

/// <summary>What is to be decided on: a CertificateRequest, its PKCS#10 request already read.</summary>
internal sealed record ApprovalRequest
{
    /// <summary>Where the request lives.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>Who made it.</summary>
    public string Username { get; init; } = "";

    /// <summary>Name of the issuer it is for.</summary>
    public required string IssuerName { get; init; }

    /// <summary>Kind of the issuer; empty stands for <c>Issuer</c>.</summary>
    public string IssuerKind { get => field.Length == 0 ? "Issuer" : field; init; } = "";

    /// <summary>API group of the issuer; empty stands for <c>cert-manager.io</c>.</summary>
    public string IssuerGroup { get => field.Length == 0 ? "cert-manager.io" : field; init; } = "";

    /// <summary>What is to be signed.</summary>
    public required CertificateSigningRequest Csr { get; init; }

    /// <summary>The lifetime asked for; null where none is named.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>Whether a CA certificate is asked for.</summary>
    public bool IsCa { get; init; }

    /// <summary>The usages asked for.</summary>
    public IReadOnlyList<string> Usages { get; init; } = [];

    /// <summary>Labels of the namespace; null where they are not known, and then select nothing.</summary>
    public IReadOnlyDictionary<string, string>? NamespaceLabels { get; init; }

    /// <summary>Names of the policies that the requester has no right to use.</summary>
    public IReadOnlySet<string> UnusablePolicies { get; init; } = FrozenSet<string>.Empty;
}

/// <summary>What becomes of a request.</summary>
internal enum ApprovalOutcome
{
    /// <summary>Nothing is decided: no policy is about this request and usable by the requester.</summary>
    Undecided,

    /// <summary>It may be signed.</summary>
    Approved,

    /// <summary>It is refused for good.</summary>
    Denied,
}

/// <summary>A decision.</summary>
/// <param name="Outcome">What becomes of the request.</param>
/// <param name="Message">Why, in one line of bounded length, for the condition's message.</param>
/// <param name="Policy">The policy that approved; empty where none did.</param>
internal sealed record ApprovalVerdict(ApprovalOutcome Outcome, string Message, string Policy = "");
