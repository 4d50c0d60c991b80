// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Messages;
using Sealock.Acme.Orders;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Acme.Views;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Acme.Renewal;

/// <summary>
/// Asks CAs when they suggest to renew (RFC 9773), and writes that into the status of the Certificate, from where the decision
/// to renew takes it.
/// </summary>
internal sealed class RenewalInformation(ApiClient client, IssuanceObjects objects, AcmeConnections connections, TimeProvider time)
{
    private static readonly TimeSpan Spread = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan AfterFailure = TimeSpan.FromHours(1);

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Certificate(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } certificate
            || certificate.Condition("Issuing") is { Status: "True" } || certificate.Condition("Ready") is not { Status: "True" }
            || objects.Issuer(key.Namespace, certificate.Spec.IssuerRef) is not { } issuer
            || AcmeIssuerView.Of(issuer) is not { AsksWhenToRenew: true } settings || connections.Find(settings, out _) is not { } server)
            return Reconciliation.Done;
        var now = time.GetUtcNow();
        if (certificate.Status.Acme?.Ari?.NextCheck is { } next && next > now)
            return Reconciliation.After(next - now);
        var directory = await server.GetDirectoryAsync(cancellationToken);
        if (!directory.IsOk)
            return Reconciliation.After(AfterFailure * (0.9 + (Random.Shared.NextDouble() / 5)));
        if (directory.Value.RenewalInfo.Length == 0)
            return Reconciliation.Done;
        if (await ReplacedCertificate.LeafAsync(client, key.Namespace, certificate.Spec.SecretName, cancellationToken) is not var (leaf, issuedBy)
            || issuedBy != certificate.Spec.IssuerRef.Name || RenewalTiming.CertificateId(leaf) is not { } id)
            return Reconciliation.Done;
        var answer = await server.GetRenewalInfoAsync(id, cancellationToken);
        var at = NextCheck(answer, now);
        try
        {
            await client.PatchAsync(
                IssuanceResources.Certificates, key.Namespace, key.Name, Patch(certificate, answer, leaf.NotBefore, leaf.NotAfter, now, at),
                PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            return Reconciliation.Done;
        }

        return Reconciliation.After(at - now);
    }

    /// <summary>When to ask again: as the server wants, within an hour and a week, a little spread; pure but for the spread.</summary>
    private static DateTimeOffset NextCheck(AcmeResult<AcmeRenewalInfo> answer, DateTimeOffset now) => answer.IsOk
        ? RenewalTiming.NextPoll(now, answer.AskAgainAt) + (Spread * Random.Shared.NextDouble())
        : RenewalTiming.NextPoll(now, answer.Failure.RetryAt ?? now + AfterFailure);

    private static JsonObject Patch(
        CertificateView certificate, AcmeResult<AcmeRenewalInfo> answer, DateTimeOffset notBefore, DateTimeOffset notAfter, DateTimeOffset now,
        DateTimeOffset next)
    {
        var ari = new JsonObject
        {
            ["lastChecked"] = ObjectFields.Rfc3339(now),
            ["nextCheck"] = ObjectFields.Rfc3339(next),
            ["lastError"] = null,
        };
        if (!answer.IsOk)
        {
            ari["lastError"] = answer.Failure.Message;
        }
        else if (RenewalTiming.Choose(answer.Value.SuggestedWindow, notBefore, notAfter, 0) is null)
        {
            ari["suggestedWindow"] = null;
            ari["lastError"] = "the suggested window makes no sense for this certificate, and is not heeded";
        }
        else
        {
            var window = answer.Value.SuggestedWindow;
            ari["suggestedWindow"] = new JsonObject { ["start"] = ObjectFields.Rfc3339(window.Start), ["end"] = ObjectFields.Rfc3339(window.End) };
            ari["explanationURL"] = answer.Value.ExplanationURL.Length > 0 ? answer.Value.ExplanationURL : null;
        }

        return StatusJson.Patch(certificate.Metadata, new JsonObject { ["acme"] = new JsonObject { ["ari"] = ari } });
    }
}
