// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Controllers.Hosting;

/// <summary>A Certificate as metrics show it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="IssuerName">Name of its issuer.</param>
/// <param name="IssuerKind">Kind of its issuer.</param>
/// <param name="IssuerGroup">API group of its issuer.</param>
/// <param name="Ready">Status of its condition Ready: <c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
/// <param name="NotBefore">Since when the certificate in its Secret is valid, where there is one.</param>
/// <param name="NotAfter">Until when it is valid.</param>
/// <param name="RenewalTime">When it is renewed.</param>
/// <param name="FailedAttempts">Failed tries since the latest success.</param>
public sealed record CertificateFigures(
    string Namespace, string Name, string IssuerName, string IssuerKind, string IssuerGroup, string Ready,
    DateTimeOffset? NotBefore, DateTimeOffset? NotAfter, DateTimeOffset? RenewalTime, int FailedAttempts)
{
    /// <summary>Status of its condition Served; empty where no endpoint is named that must serve it.</summary>
    public string Served { get; init; } = "";
}

/// <summary>An Issuer, or (without a namespace) a ClusterIssuer, as metrics show it.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Ready">Status of its condition Ready: <c>True</c>, <c>False</c> or <c>Unknown</c>.</param>
public sealed record IssuerFigures(string Namespace, string Name, string Ready);

/// <summary>Everything that issuance looks after, as it was seen last.</summary>
public sealed record IssuanceFigures(ImmutableArray<CertificateFigures> Certificates, ImmutableArray<IssuerFigures> Issuers);
