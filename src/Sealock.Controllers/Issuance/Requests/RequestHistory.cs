// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>Which requests of a Certificate are of which revision, and which have served.</summary>
internal static class RequestHistory
{
    private const int DefaultLimit = 1;

    /// <summary>The revision for which a request was made; 0 where it does not say.</summary>
    public static int RevisionOf(CertificateRequestView request) =>
        request.Metadata.Annotations.TryGetValue(WellKnown.CertificateRevision, out var text)
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    /// <summary>Whether a request was made for this very Certificate, not for an earlier one of its name.</summary>
    public static bool BelongsTo(CertificateView certificate, CertificateRequestView request) =>
        request.Metadata.OwnerReferences.Any(owner => owner.Uid == certificate.Metadata.Uid);

    /// <summary>The request of a revision, or null.</summary>
    public static CertificateRequestView? Find(CertificateView certificate, IEnumerable<CertificateRequestView> requests, int revision) =>
        revision == 0 ? null : requests.FirstOrDefault(request =>
            RevisionOf(request) == revision && request.Metadata.DeletionTimestamp is null && BelongsTo(certificate, request));

    /// <summary>Requests of revisions that are older than the history reaches back.</summary>
    public static IEnumerable<CertificateRequestView> Surplus(
        CertificateView certificate, IEnumerable<CertificateRequestView> requests, int standing)
    {
        var limit = Math.Max(DefaultLimit, certificate.Spec.RevisionHistoryLimit ?? DefaultLimit);
        return requests.Where(request => BelongsTo(certificate, request) && RevisionOf(request) is > 0 and var revision && revision <= standing - limit);
    }
}
