// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>Counts what still stands in the way of a rotation's next step.</summary>
internal sealed class RotationCensus(AuthorityObjects objects)
{
    /// <summary>Who does not hold the CAs that are to be trusted now.</summary>
    public RotationCount Lagging(IssuerView issuer, AuthorityPlan plan, string secretNamespace, DateTimeOffset now)
    {
        var names = Issued(issuer)
            .Where(secret => secret.Leaf?.NotAfter > now
                && StateOf(issuer, secret, plan, now) is { } state && AuthorityChecks.IsOutOfStep(state) is not null)
            .Select(NameOf).ToList();
        // What was signed just before comes with the CAs of that time.
        names.AddRange(objects.Requests().Where(request => request.IsIssued && IsOf(request, issuer) && IsOnItsWay(request)).Select(NameOf));
        if (plan.Phase != RotationPhase.Withdraw)
            names.AddRange(objects.LaggingBundles(secretNamespace, issuer.Spec.Ca?.SecretName ?? ""));
        return RotationCount.Of(names);
    }

    /// <summary>
    /// Valid certificates that the new CA has not issued: in Secrets (also where their Certificate is gone), in requests of others,
    /// on their way into a Secret, or CAs of other issuers.
    /// </summary>
    public RotationCount OfOld(IssuerView issuer, AuthorityRecord record, DateTimeOffset now)
    {
        if (record is not { Old: { } old, New: { } @new })
            return RotationCount.None;
        var (oldIds, newIds) = (AuthorityId.Of(old.Signing[0]), AuthorityId.Of(@new.Signing[0]));
        var names = Issued(issuer)
            .Where(secret => secret.Leaf is { } leaf && leaf.NotAfter > now && !newIds.Contains(leaf.Authority))
            .Select(NameOf).ToList();
        foreach (var request in objects.Requests().Where(request => request.IsIssued && IsOf(request, issuer)))
        {
            if (request.Issued is { } issued ? issued.NotAfter > now && !newIds.Contains(issued.Authority) : IsOnItsWay(request))
                names.Add(NameOf(request));
        }

        foreach (var other in objects.Records().Where(other => other.Metadata.Uid != record.Metadata.Uid))
        {
            Certificate?[] authorities = [other.Phase == RotationPhase.Withdraw ? null : other.Old?.Signing[0], other.New?.Signing[0]];
            if (authorities.OfType<Certificate>().Any(ca =>
                ca.NotAfter > now && AuthorityId.OfIssuer(ca) is var id && oldIds.Contains(id) && !newIds.Contains(id)))
                names.Add($"the CA of {other.Metadata.Annotations.GetValueOrDefault(RecordNames.IssuerName)}");
        }

        return RotationCount.Of(names);
    }

    /// <summary>The Secrets that an issuer's certificates are in.</summary>
    public IEnumerable<SecretFacts> Issued(IssuerView issuer) => objects.Secrets().Where(secret =>
        secret.Metadata.Annotations is var said && said.GetValueOrDefault(WellKnown.IssuerName) == issuer.Metadata.Name
        && (said.GetValueOrDefault(WellKnown.IssuerKind) is { Length: > 0 } kind ? kind : IssuerReferenceView.NamespacedKind) == issuer.Kind
        && (said.GetValueOrDefault(WellKnown.IssuerGroup) is { Length: > 0 } group ? group : IssuerReferenceView.OwnGroup) == IssuerReferenceView.OwnGroup
        && (issuer.Metadata.Namespace.Length == 0 || secret.Metadata.Namespace == issuer.Metadata.Namespace)
        && !said.ContainsKey(WellKnown.Temporary));

    /// <summary>Null where there is no Certificate that would write the Secret.</summary>
    private CertificateState? StateOf(IssuerView issuer, SecretFacts secret, AuthorityPlan plan, DateTimeOffset now) =>
        objects.Certificate(secret.Metadata.Namespace, secret.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) ?? "")
            is { Metadata.DeletionTimestamp: null } certificate
        && certificate.Spec.SecretName == secret.Metadata.Name
        && certificate.Spec.IssuerRef is var reference && reference.Name == issuer.Metadata.Name && reference.Kind == issuer.Kind
            ? new CertificateState { Certificate = certificate, Secret = secret, Authority = plan, Now = now } : null;

    private static bool IsOf(CertificateRequestView request, IssuerView issuer) =>
        request.IssuerRef.Name == issuer.Metadata.Name && request.IssuerRef.Kind == issuer.Kind
        && request.IssuerRef.Group == IssuerReferenceView.OwnGroup
        && (issuer.Metadata.Namespace.Length == 0 || request.Metadata.Namespace == issuer.Metadata.Namespace);

    /// <summary>Issued for a Certificate that has not yet taken it.</summary>
    private bool IsOnItsWay(CertificateRequestView request) =>
        request.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateName) is { Length: > 0 } name
        && objects.Certificate(request.Metadata.Namespace, name) is { Metadata.DeletionTimestamp: null } certificate
        && request.Metadata.OwnerReferences.Any(owner => owner.Uid == certificate.Metadata.Uid)
        && int.TryParse(
            request.Metadata.Annotations.GetValueOrDefault(WellKnown.CertificateRevision), NumberStyles.None, CultureInfo.InvariantCulture,
            out var revision)
        && revision > (certificate.Status.Revision ?? 0);

    private static string NameOf(SecretFacts secret) => secret.Metadata.Key;

    private static string NameOf(CertificateRequestView request) => $"the request {request.Metadata.Key}";
}
