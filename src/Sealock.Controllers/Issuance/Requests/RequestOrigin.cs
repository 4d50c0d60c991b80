// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>Whether this controller made a request itself: proven by what it is, not by what it says.</summary>
internal static class RequestOrigin
{
    /// <summary>
    /// Whether the request is the one for the issuance under way of a Certificate: named and owned as such, asking for just what the
    /// Certificate specifies, and signed by the key that waits for it. Who copies one has not got that key.
    /// </summary>
    /// <param name="request">The request; its signature has been verified.</param>
    /// <param name="objects">What is known of the cluster.</param>
    /// <param name="now">The time.</param>
    public static bool IsOwn(CertificateRequestObject request, IssuanceObjects objects, DateTimeOffset now)
    {
        var (metadata, @namespace) = (request.Metadata, request.Metadata.Namespace);
        if (metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is not { Length: > 0 } name
            || objects.Certificate(@namespace, name) is not { Metadata.DeletionTimestamp: null } certificate)
            return false;
        var state = new CertificateState { Certificate = certificate, Now = now };
        return state.IsIssuing && state.SpecProblem is null
            && metadata.Name == Names.Request(certificate, state.Revision + 1)
            && metadata.OwnerReferences.Any(owner => owner is { Controller: true } && owner.Uid == certificate.Metadata.Uid)
            && objects.Secret(@namespace, certificate.Status.NextPrivateKeySecretName) is { Key.IsNone: false } key
            && NextKeySecret.Belongs(certificate, key)
            && CertificateRequestView.Of(request) is { Asked: { } asked } view && asked.Key == key.Key
            && state.DifferencesOf(view).Count == 0;
    }
}
