// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Authorities;

/// <summary>
/// The plans of all issuers of the kind <c>ca</c>, where they are kept: then nothing is signed for an issuer before there is one,
/// so that no CA is replaced unseen.
/// </summary>
internal sealed class AuthorityPlans
{
    private Func<string, string, AuthorityPlan?>? _find;
    private Informer<AuthorityRecord>? _records;

    /// <summary>Whether there are plans at all; without, an issuer signs with what its Secret holds.</summary>
    public bool AreKept => _find is not null;

    /// <summary>The plan of an issuer, by its namespace (empty for a ClusterIssuer) and name; null where there is none (yet).</summary>
    public AuthorityPlan? Find(string @namespace, string name) => _find?.Invoke(@namespace, name);

    /// <summary>The plan of the issuer that is meant from within a namespace.</summary>
    public AuthorityPlan? Find(string @namespace, IssuerReferenceView issuer) =>
        issuer.Group == IssuerReferenceView.OwnGroup ? Find(issuer.IsCluster ? "" : @namespace, issuer.Name) : null;

    /// <summary>Whether those that are stored are known; also where none are kept.</summary>
    public bool AreKnown => _records is not { IsSynced: false };

    /// <summary>Ends when they are known.</summary>
    public Task WaitAsync(CancellationToken cancellationToken) => _records?.WaitForSyncAsync(cancellationToken) ?? Task.CompletedTask;

    /// <summary>From now on plans are kept in records, and found so.</summary>
    public void KeepBy(Func<string, string, AuthorityPlan?> find, Informer<AuthorityRecord>? records = null) => (_find, _records) = (find, records);
}
