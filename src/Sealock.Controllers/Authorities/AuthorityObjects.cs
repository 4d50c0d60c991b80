// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Authorities;

/// <summary>
/// Names those Bundles that have a Secret of the trust namespace as source and were published before its issuers' CAs were as they
/// are now.
/// </summary>
internal delegate IEnumerable<string> FindLaggingBundles(string @namespace, string secret);

/// <summary>What the rotation of CAs knows of the cluster.</summary>
internal sealed record AuthorityObjects
{
    /// <summary>An issuer by its namespace (empty for a ClusterIssuer) and name.</summary>
    public required Func<string, string, IssuerView?> Issuer { get; init; }

    /// <summary>A record by namespace and name.</summary>
    public required Func<string, string, AuthorityRecord?> Record { get; init; }

    public required Func<IEnumerable<AuthorityRecord>> Records { get; init; }

    /// <summary>The Secrets of Certificates.</summary>
    public required Func<IEnumerable<SecretFacts>> Secrets { get; init; }

    public required Func<string, string, CertificateView?> Certificate { get; init; }

    public required Func<IEnumerable<CertificateRequestView>> Requests { get; init; }

    public FindLaggingBundles LaggingBundles { get; set; } = (_, _) => [];

    /// <summary>Takes note of what the server answered to a write.</summary>
    public Action<AuthorityRecord> Wrote { get; init; } = _ => { };
}
