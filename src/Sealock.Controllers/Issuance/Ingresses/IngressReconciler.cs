// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Ingresses;

/// <summary>Sees to it that an annotated Ingress has its Certificates; those of others it leaves alone.</summary>
internal sealed class IngressReconciler(
    ApiClient client, Func<IngressView, IReadOnlyList<CertificateView>> ownedBy, IssuanceOptions options, EventRecorder? events)
{
    private const string BadConfig = "BadConfig";

    public async ValueTask<Reconciliation> ReconcileAsync(IngressView ingress, CancellationToken cancellationToken)
    {
        if (ingress.Metadata.DeletionTimestamp is not null)
            return Reconciliation.Done;
        IReadOnlyDictionary<string, JsonObject> wanted;
        try
        {
            if (IngressAnnotations.IssuerOf(ingress, options) is not { } issuer)
                return Reconciliation.Done;
            wanted = IngressCertificates.Wanted(ingress, issuer, out var skipped);
            foreach (var mistake in skipped)
                Say(ingress, EventRecorder.Warning, BadConfig, mistake);
        }
        catch (AnnotationException mistake)
        {
            Say(ingress, EventRecorder.Warning, BadConfig, mistake.Message);
            return Reconciliation.Done;
        }

        foreach (var (name, certificate) in wanted)
            await EnsureAsync(ingress, name, certificate, cancellationToken);
        foreach (var surplus in ownedBy(ingress).Where(owned => !wanted.ContainsKey(owned.Spec.SecretName)))
        {
            await DeleteAsync(surplus, cancellationToken);
            Say(ingress, EventRecorder.Normal, "DeleteCertificate", $"Successfully deleted unrequired Certificate \"{surplus.Metadata.Name}\"");
        }

        return Reconciliation.Done;
    }

    private async ValueTask EnsureAsync(IngressView ingress, string name, JsonObject wanted, CancellationToken cancellationToken)
    {
        var @namespace = ingress.Metadata.Namespace;
        if (await client.FindAsync(IssuanceResources.CertificateJson, @namespace, name, cancellationToken) is not { } found)
        {
            await client.CreateAsync(IssuanceResources.CertificateJson, @namespace, wanted, cancellationToken);
            Say(ingress, EventRecorder.Normal, "CreateCertificate", $"Successfully created Certificate \"{name}\"");
            return;
        }

        var isOurs = (found["metadata"]?["ownerReferences"] as JsonArray ?? []).Any(owner =>
            owner?["uid"]?.GetValue<string>() == ingress.Metadata.Uid && owner["controller"]?.GetValue<bool>() == true);
        if (isOurs && IngressCertificates.Change(wanted, found) is { } patch)
        {
            await client.PatchAsync(IssuanceResources.CertificateJson, @namespace, name, patch, cancellationToken: cancellationToken);
            Say(ingress, EventRecorder.Normal, "UpdateCertificate", $"Successfully updated Certificate \"{name}\"");
        }
    }

    private async ValueTask DeleteAsync(CertificateView certificate, CancellationToken cancellationToken)
    {
        try
        {
            await client.DeleteAsync(
                IssuanceResources.Certificates, certificate.Metadata.Namespace, certificate.Metadata.Name,
                new DeletePreconditions { Uid = certificate.Metadata.Uid }, cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
        }
    }

    private void Say(IngressView ingress, string type, string reason, string message) =>
        events?.Say("networking.k8s.io/v1", "Ingress", ingress.Metadata, type, reason, message);
}
