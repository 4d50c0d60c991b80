// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance.Issuers;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Requests;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>
/// Signs Kubernetes' own CertificateSigningRequests by issuers: of the signers <c>issuers.cert-manager.io/NAMESPACE.NAME</c> and
/// <c>clusterissuers.cert-manager.io/NAME</c>. Approves nothing. For an issuer of a namespace the requester needs the right to
/// <c>reference</c> it. Kinds that need objects of their own for each request (acme) are left out.
/// </summary>
internal sealed class SignerNameReconciler(
    ApiClient client, IssuanceObjects objects, IReadOnlyList<IIssuerKind> kinds, IssuanceOptions options, TimeProvider time)
{
    private const string NamespacedPrefix = "issuers.cert-manager.io/";
    private const string ClusterPrefix = "clusterissuers.cert-manager.io/";
    private const string IsCa = "experimental.cert-manager.io/request-is-ca";
    private const string Duration = "experimental.cert-manager.io/request-duration";
    private const string KeySecret = "experimental.cert-manager.io/private-key-secret-name";

    private readonly FrozenDictionary<string, IIssuerKind> _kinds =
        kinds.Where(kind => kind is CaIssuer or SelfSignedIssuer).ToFrozenDictionary(kind => kind.Name, StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _signed = new(StringComparer.Ordinal);

    /// <summary>The issuer that a signer's name means, and its namespace (empty for a ClusterIssuer).</summary>
    public static bool TryParse(string signerName, [NotNullWhen(true)] out IssuerReferenceView? issuer, out string @namespace)
    {
        (issuer, @namespace) = (null, "");
        if (signerName.StartsWith(ClusterPrefix, StringComparison.Ordinal) && signerName.Length > ClusterPrefix.Length)
        {
            issuer = new() { Name = signerName[ClusterPrefix.Length..], Kind = IssuerReferenceView.ClusterKind };
        }
        else if (signerName.StartsWith(NamespacedPrefix, StringComparison.Ordinal)
            && signerName[NamespacedPrefix.Length..].Split('.', 2) is [{ Length: > 0 } place, { Length: > 0 } name])
        {
            (issuer, @namespace) = (new() { Name = name }, place);
        }

        return issuer is not null;
    }

    /// <summary>A request has its certificate, or is gone.</summary>
    public void Forget(string uid) => _signed.TryRemove(uid, out _);

    public async ValueTask<Reconciliation> ReconcileAsync(RequestView request, CancellationToken cancellationToken)
    {
        if (request.IsIssued || !request.IsApproved || request.HasFailed || !TryParse(request.Spec.SignerName, out var reference, out var @namespace))
            return Reconciliation.Done;
        if (objects.Issuer(@namespace, reference) is not { } issuer || !_kinds.TryGetValue(issuer.Spec.KindName, out var kind))
            return Reconciliation.Done;
        if (_signed.TryGetValue(request.Metadata.Uid, out var signed))
            return await HandInAsync(request, RequestPatches.SetCertificate(request, signed), cancellationToken);
        if (!reference.IsCluster && !await MayReferenceAsync(request, @namespace, reference.Name, cancellationToken))
            return await FailAsync(request, "DeniedReference", $"Requester may not reference Namespaced Issuer {@namespace}/{reference.Name}", cancellationToken);
        SigningTask task;
        try
        {
            task = TaskOf(request, issuer, reference, @namespace);
        }
        catch (PkiFormatException fault)
        {
            return await FailAsync(request, "RequestParsingError", fault.Message, cancellationToken);
        }

        switch (await kind.SignAsync(task, cancellationToken))
        {
            case SigningOutcome.Issued issued:
                _signed[request.Metadata.Uid] = issued.ChainPem;
                return await HandInAsync(request, RequestPatches.SetCertificate(request, issued.ChainPem), cancellationToken);
            case SigningOutcome.Failed failed:
                return await FailAsync(request, failed.Reason, failed.Message, cancellationToken);
            case SigningOutcome.Pending { LookAgainAfter: { } delay }:
                return Reconciliation.After(delay);
            default:
                return Reconciliation.Done;
        }
    }

    private SigningTask TaskOf(RequestView request, IssuerView issuer, IssuerReferenceView reference, string @namespace)
    {
        var annotations = request.Metadata.Annotations;
        var place = reference.IsCluster ? options.ClusterResourceNamespace : @namespace;
        return new()
        {
            Request = new CertificateRequestObject
            {
                Metadata = new ObjectMetaView
                {
                    Name = request.Metadata.Name,
                    Namespace = place,
                    Uid = request.Metadata.Uid,
                    Annotations = annotations.TryGetValue(KeySecret, out var key)
                        ? new Dictionary<string, string>(StringComparer.Ordinal) { [WellKnown.PrivateKeySecret] = key } : annotations,
                },
                Spec = new()
                {
                    Request = request.Spec.Request,
                    IssuerRef = reference,
                    Usages = request.Spec.Usages,
                    IsCa = annotations.GetValueOrDefault(IsCa) == "true",
                    Duration = request.Spec.ExpirationSeconds is { } seconds ? TimeSpan.FromSeconds(seconds)
                        : GoDuration.TryParse(annotations.GetValueOrDefault(Duration) ?? "", out var duration) ? duration : null,
                },
            },
            Csr = CertificateSigningRequest.FromPem(request.Spec.Request),
            Issuer = issuer,
            SecretNamespace = place,
            Now = time.GetUtcNow(),
        };
    }

    private ValueTask<bool> MayReferenceAsync(RequestView request, string @namespace, string name, CancellationToken cancellationToken) =>
        client.MayAsync(
            new Requester(request.Spec.Username, request.Spec.Uid, request.Spec.Groups, request.Spec.Extra),
            new JsonObject
            {
                ["group"] = "cert-manager.io",
                ["resource"] = "signers",
                ["verb"] = "reference",
                ["namespace"] = @namespace,
                ["name"] = name,
            }, cancellationToken);

    private ValueTask<Reconciliation> FailAsync(RequestView request, string reason, string message, CancellationToken cancellationToken) =>
        HandInAsync(
            request, RequestPatches.AddCondition(request, RequestCondition.Failed, reason, message, time.GetUtcNow()), cancellationToken);

    private async ValueTask<Reconciliation> HandInAsync(RequestView request, JsonObject patch, CancellationToken cancellationToken)
    {
        try
        {
            await client.PatchAsync(
                ResourceTypes.Requests, "", request.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            Forget(request.Metadata.Uid);
        }

        return Reconciliation.Done;
    }
}
