// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance;

/// <summary>
/// Looks after one Certificate: decides by the list of checks whether to issue, keeps the Secret in step, and lets the status
/// say what is so. What it decided to issue, <see cref="IssuanceRun"/> carries out.
/// </summary>
internal sealed class CertificateReconciler(
    ApiClient client, IssuanceObjects objects, IssuanceOptions options, IssuanceRun run, SecretStore secrets, IssuanceNews news, TimeProvider time)
{
    /// <summary>When to look again at a Secret that lacks something which is not there yet, such as a keystore's password.</summary>
    private static readonly TimeSpan Incomplete = TimeSpan.FromMinutes(1);

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Certificate(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } certificate)
        {
            run.Forget(key);
            return Reconciliation.Done;
        }

        var state = await LookAsync(certificate, cancellationToken);
        // Whom to trust must not wait for anything: not for an issuance that is held up, nor for a time to try again.
        if (AuthorityChecks.IsOutOfStep(state) is { } outOfStep && await secrets.RewriteAsync(state, outOfStep, cancellationToken))
            return Reconciliation.After(TimeSpan.Zero);
        if (state.IsIssuing)
            return await run.GoOnAsync(state, cancellationToken);
        run.Forget(key);
        var decision = IssuanceDecision.For(state);
        switch (decision.Step)
        {
            case IssuanceStep.Issue:
                return await run.BeginAsync(state, decision, cancellationToken);
            case IssuanceStep.Restore when await run.RestoreAsync(state, cancellationToken):
                return Reconciliation.After(TimeSpan.Zero);
            case IssuanceStep.Restore:
                return await run.BeginAsync(state, decision, cancellationToken);
        }

        var upkeep = decision.Cause is null ? SecretUpkeep.Find(state, options.OwnSecrets) : null;
        if (upkeep is not null && await secrets.RewriteAsync(state, upkeep, cancellationToken))
            return Reconciliation.After(TimeSpan.Zero);
        await run.TidyAsync(state, cancellationToken);
        await TellAsync(state, decision, cancellationToken);
        var next = decision.NextLook - state.Now;
        return upkeep is not null && (next is null || next > Incomplete) ? Reconciliation.After(Incomplete)
            : next is { } wait ? Reconciliation.After(wait)
            : Reconciliation.Done;
    }

    /// <summary>All that is known of a Certificate. A Secret without the label by which Secrets are followed is asked for.</summary>
    private async ValueTask<CertificateState> LookAsync(CertificateView certificate, CancellationToken cancellationToken)
    {
        var (@namespace, name) = (certificate.Metadata.Namespace, certificate.Metadata.Name);
        var requests = objects.RequestsOf(@namespace, name);
        var revision = certificate.Status.Revision ?? 0;
        var secret = objects.Secret(@namespace, certificate.Spec.SecretName);
        var state = new CertificateState
        {
            Certificate = certificate,
            Secret = secret,
            Current = RequestHistory.Find(certificate, requests, revision),
            Next = RequestHistory.Find(certificate, requests, revision + 1),
            Rival = SecretOwnership.RivalOf(certificate, objects.CertificatesOf(@namespace, certificate.Spec.SecretName), secret),
            Authority = objects.Authority(@namespace, certificate.Spec.IssuerRef),
            PasswordsChanged = secrets.PasswordsChanged(certificate),
            Now = time.GetUtcNow(),
        };
        if (secret is null && !state.IsIssuing)
            state = state with { Secret = await client.FindAsync(IssuanceResources.Secrets, @namespace, certificate.Spec.SecretName, cancellationToken) };
        return state.Secret?.Leaf is { } leaf ? state with { Revocation = objects.Revocation(leaf.Mark) } : state;
    }

    private async ValueTask TellAsync(CertificateState state, IssuanceDecision decision, CancellationToken cancellationToken)
    {
        var status = CertificateStatus.Told(state, state.Certificate.Status, decision.NotReady);
        // Where nothing is wanted any more, earlier failures say nothing.
        if (decision.Step == IssuanceStep.Keep)
        {
            status = status.Without(Conditions.Issuing) with
            {
                LastFailureTime = null,
                FailedIssuanceAttempts = null,
                NextPrivateKeySecretName = "",
            };
        }

        Violation? refused = null;
        if (decision.Step == IssuanceStep.Refuse && decision.NotReady is { } refusal)
        {
            var message = $"Not issued: {refusal.Message}";
            status = status.With(state, Conditions.Issuing, false, refusal.Reason, message);
            refused = state.Certificate.Condition(Conditions.Issuing)?.Message != message ? refusal : null;
        }

        await run.SetStatusAsync(state.Certificate, status, cancellationToken);
        if (refused is not null)
            news.Refused(state.Certificate, refused);
        news.Standing(state.Certificate, decision.NotReady, decision.Renewal);
    }
}
