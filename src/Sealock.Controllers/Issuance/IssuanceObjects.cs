// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client.Views;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance;

/// <summary>What the loops of issuance know of the cluster; all by namespace and name.</summary>
internal sealed record IssuanceObjects
{
    public required Func<string, string, CertificateView?> Certificate { get; init; }

    /// <summary>Secrets that carry the label <see cref="WellKnown.Attention"/>.</summary>
    public required Func<string, string, SecretFacts?> Secret { get; init; }

    /// <summary>The requests that were made for a Certificate, by its name.</summary>
    public required Func<string, string, IReadOnlyList<CertificateRequestView>> RequestsOf { get; init; }

    /// <summary>The Certificates that name a Secret.</summary>
    public required Func<string, string, IReadOnlyList<CertificateView>> CertificatesOf { get; init; }

    /// <summary>The issuer that is meant from within a namespace.</summary>
    public required Func<string, IssuerReferenceView, IssuerView?> Issuer { get; init; }

    /// <summary>The CA of the issuer that is meant from within a namespace; null where nobody keeps account of it.</summary>
    public Func<string, IssuerReferenceView, AuthorityPlan?> Authority { get; init; } = (_, _) => null;

    /// <summary>What revokes a certificate (<see cref="LeafFacts.Mark"/>), or null.</summary>
    public Func<Print, RevocationSpecView?> Revocation { get; init; } = _ => null;

    /// <summary>Takes note of what the server answered to a write.</summary>
    public Action<IObjectView> Wrote { get; init; } = _ => { };

    /// <summary>Takes note of a deletion, with the object as it was.</summary>
    public Action<IObjectView> Deleted { get; init; } = _ => { };
}
