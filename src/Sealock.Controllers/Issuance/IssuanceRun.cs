// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Acme;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Issuance.Requests;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance;

/// <summary>
/// Carries one issuance out, step by step; each step is done or not, and can be done again whatever was cut off where:
/// <c>mark</c> the Certificate as issuing, put the <c>next-key</c> into a Secret of its own, make the <c>request</c>, and when it
/// is issued write the <c>secret</c>, then the <c>status</c>, then <c>delete-key</c> and <c>prune</c> old requests. Names follow
/// from the revision, and a request that was issued is always collected: a revision is issued once.
/// </summary>
internal sealed class IssuanceRun(
    ApiClient client, IssuanceObjects objects, IssuanceOptions options, SecretStore secrets, NextKeys nextKeys, IssuanceNews news, TimeProvider time)
{
    /// <summary>Told beside the reason of an issuance while its key is being made.</summary>
    public const string TakesAWhile = "; so large a private key takes a while to make";

    /// <summary>The next look where a key is being made; it comes as soon as the key is there, but for a line that is full.</summary>
    private static readonly TimeSpan PutOff = TimeSpan.FromMinutes(1);

    /// <summary>Marks a Certificate as issuing, and goes on.</summary>
    public async ValueTask<Reconciliation> BeginAsync(CertificateState state, IssuanceDecision decision, CancellationToken cancellationToken)
    {
        var cause = decision.Cause ?? new Violation(Reasons.Renewing, "");
        // Before the mark: a failed request beside the mark is a failure that has yet to be told.
        if (state.Next is { IsIssued: false } failed)
        {
            await DeleteRequestAsync(failed, cancellationToken);
            state = state with { Next = null };
        }

        At("mark");
        var status = CertificateStatus.Told(state, state.Certificate.Status, decision.NotReady)
            .With(state, Conditions.Issuing, true, cause.Reason, $"{Conditions.IssuingPrefix}{cause.Message}") with
        {
            NextPrivateKeySecretName = Names.NextKey(state.Certificate),
        };
        state = state with { Certificate = await SetStatusAsync(state.Certificate, status, cancellationToken) };
        news.Begun(state.Certificate, cause);
        return await GoOnAsync(state, cancellationToken);
    }

    /// <summary>Goes on with the issuance that the Certificate is marked with.</summary>
    public async ValueTask<Reconciliation> GoOnAsync(CertificateState state, CancellationToken cancellationToken)
    {
        if (state.Next is { IsIssued: true } issued)
            return await CollectAsync(state, issued, cancellationToken);
        if (state.Next is { HasFailed: true } failed)
        {
            if (!WasTold(state, failed))
                return await FailAsync(state, failed, cancellationToken);
            await DeleteRequestAsync(failed, cancellationToken);
            state = state with { Next = null };
        }

        if (state.SpecProblem is not null || state.Rival.Length > 0)
            return await StopAsync(state, cancellationToken);
        if (state.Certificate.Status.NextPrivateKeySecretName.Length == 0)
        {
            // Marked by hand or by another program: where the key will be is not told yet.
            var named = state.Certificate.Status with { NextPrivateKeySecretName = Names.NextKey(state.Certificate) };
            state = state with { Certificate = await SetStatusAsync(state.Certificate, named, cancellationToken) };
        }

        if (await nextKeys.EnsureAsync(state, cancellationToken) is not { } next)
            return await PutOffAsync(state, cancellationToken);
        using (next.Pair)
        {
            if (state.Next is { } request && (request.Asked?.Key != next.Print || state.DifferencesOf(request).Count > 0))
            {
                await DeleteRequestAsync(request, cancellationToken);
                state = state with { Next = null };
            }

            if (state.Next is null)
                await RequestAsync(state, next, cancellationToken);
            if (WantsTemporary(state))
                await WriteTemporaryAsync(state, next, cancellationToken);
        }

        var notReady = Checks.First(state, CheckUse.Ready);
        var status = CertificateStatus.Told(state, state.Certificate.Status, notReady);
        // What an issuer is put off with, and until when, is worth telling; that it is at work is not.
        if (state.Next?.Condition("Ready") is { Reason: "Pending" } pending && state.Certificate.Condition(Conditions.Issuing) is { } issuing)
        {
            var told = !state.Next.IsApproved || pending.Message.Contains(NextTry.Mark, StringComparison.Ordinal) ? pending.Message
                : issuing.Message.StartsWith(RequestApproval.WaitsFor, StringComparison.Ordinal) ? "Issuing certificate: the request has been approved"
                : issuing.Message;
            status = status.With(state, Conditions.Issuing, true, issuing.Reason, told);
            if (!state.Next.IsApproved && told != issuing.Message)
                news.Waits(state.Certificate, state.Next, told);
        }

        await SetStatusAsync(state.Certificate, status, cancellationToken);
        return state.Secret?.Leaf is { } leaf && leaf.NotAfter > state.Now
            ? Reconciliation.After(leaf.NotAfter.AddSeconds(1) - state.Now) : Reconciliation.Done;
    }

    /// <summary>Nothing is issued to a Certificate now: no key is made for it.</summary>
    public void Forget(ObjectKey certificate) => nextKeys.Forget(certificate);

    /// <summary>Writes what was issued as the standing revision into the Secret again; false where that cannot be.</summary>
    public async ValueTask<bool> RestoreAsync(CertificateState state, CancellationToken cancellationToken)
    {
        var @namespace = state.Certificate.Metadata.Namespace;
        var request = await client.FindAsync(
            IssuanceResources.RequestObjects, @namespace, state.Current?.Metadata.Name ?? "", cancellationToken);
        using var key = SecretStore.KeyIn(await secrets.ReadAsync(@namespace, state.Spec.SecretName, cancellationToken));
        if (request is null || key is null || MaterialOf(request, key) is not { } material)
            return false;
        await secrets.WriteAsync(state.Certificate, state.Secret, material, cancellationToken);
        news.Restored(state.Certificate, state.Revision);
        return true;
    }

    /// <summary>Removes what an issuance that is over has left: its key's Secret, and requests older than the history reaches.</summary>
    public async ValueTask TidyAsync(CertificateState state, CancellationToken cancellationToken)
    {
        var certificate = state.Certificate;
        var hasFailed = state.Certificate.Status.FailedIssuanceAttempts > 0;
        if (!hasFailed && objects.Secret(certificate.Metadata.Namespace, Names.NextKey(certificate)) is { } left
            && NextKeySecret.Belongs(certificate, left))
        {
            At("delete-key");
            await secrets.DeleteAsync(left, cancellationToken);
        }

        foreach (var old in RequestHistory.Surplus(
            certificate, objects.RequestsOf(certificate.Metadata.Namespace, certificate.Metadata.Name), state.Revision).ToArray())
        {
            At("prune");
            await DeleteRequestAsync(old, cancellationToken);
        }
    }

    /// <summary>Writes a status where it says something new. Answers the Certificate as it is then.</summary>
    /// <exception cref="ApiException">409 where the Certificate was changed by another meanwhile.</exception>
    public async ValueTask<CertificateView> SetStatusAsync(
        CertificateView certificate, CertificateStatusView status, CancellationToken cancellationToken)
    {
        if (CertificateStatus.Patch(certificate, status) is not { } patch)
            return certificate;
        var written = await client.PatchAsync(
            IssuanceResources.Certificates, certificate.Metadata.Namespace, certificate.Metadata.Name, patch, PatchKind.Merge, "status",
            cancellationToken);
        objects.Wrote(written);
        if (written.Condition(Conditions.Ready) is { Status: "False", Reason: Reasons.Expired } expired
            && certificate.Condition(Conditions.Ready)?.Reason != Reasons.Expired)
            news.Expired(certificate, expired.Message);
        return written;
    }

    /// <summary>The key is being made, or waits until others are made.</summary>
    private async ValueTask<Reconciliation> PutOffAsync(CertificateState state, CancellationToken cancellationToken)
    {
        var status = CertificateStatus.Told(state, state.Certificate.Status, Checks.First(state, CheckUse.Ready));
        if (KeyMaker.IsSlow(KeyDemand.Of(state.Spec.PrivateKey, out _)) && state.Certificate.Condition(Conditions.Issuing) is { } issuing
            && !issuing.Message.EndsWith(TakesAWhile, StringComparison.Ordinal))
            status = status.With(state, Conditions.Issuing, true, issuing.Reason, issuing.Message + TakesAWhile);
        await SetStatusAsync(state.Certificate, status, cancellationToken);
        return Reconciliation.After(PutOff);
    }

    private async ValueTask RequestAsync(CertificateState state, NextKey next, CancellationToken cancellationToken)
    {
        var certificate = state.Certificate;
        var @namespace = certificate.Metadata.Namespace;
        var pair = next.Pair ?? SecretStore.KeyIn(await secrets.ReadAsync(@namespace, next.Secret, cancellationToken))
            ?? throw ApiException.Conflict("", "secrets", next.Secret, "the next private key is gone again");
        try
        {
            At("request");
            objects.Wrote(await client.CreateAsync(
                IssuanceResources.Requests, @namespace, RequestMaker.New(certificate, state.Revision + 1, next.Secret, pair), cancellationToken));
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            await SettleNameAsync(state, cancellationToken);
            throw;
        }
        finally
        {
            if (next.Pair is null)
                pair.Dispose();
        }
    }

    /// <summary>The request's name is taken: by our own, which was not yet seen, or by one of an earlier Certificate of this name.</summary>
    private async ValueTask SettleNameAsync(CertificateState state, CancellationToken cancellationToken)
    {
        var there = await client.FindAsync(
            IssuanceResources.Requests, state.Certificate.Metadata.Namespace, Names.Request(state.Certificate, state.Revision + 1), cancellationToken);
        if (there is not null && RequestHistory.BelongsTo(state.Certificate, there))
            objects.Wrote(there);
        else if (there is { Metadata.OwnerReferences: [{ Kind: "Certificate" } owner] } && owner.Name == state.Certificate.Metadata.Name)
            await DeleteRequestAsync(there, cancellationToken);
    }

    private async ValueTask<Reconciliation> CollectAsync(
        CertificateState state, CertificateRequestView issued, CancellationToken cancellationToken)
    {
        var certificate = state.Certificate;
        var (@namespace, revision) = (certificate.Metadata.Namespace, state.Revision + 1);
        var request = await client.FindAsync(IssuanceResources.RequestObjects, @namespace, issued.Metadata.Name, cancellationToken);
        if (request is null)
            return Reconciliation.TryAgain($"the request {issued.Metadata.Name} is gone");
        var keySecret = issued.Metadata.Annotations.GetValueOrDefault(WellKnown.PrivateKeySecret) ?? certificate.Status.NextPrivateKeySecretName;
        using var key = await FindKeyAsync(state, issued, keySecret, cancellationToken);
        if (key is null || MaterialOf(request, key) is not { } material)
            return await AbandonAsync(state, revision, key is null ? "its private key is gone" : "the issued certificate is not for its key", cancellationToken);
        At("secret");
        var secret = await secrets.WriteAsync(certificate, state.Secret, material, cancellationToken);
        At("status");
        var done = state with { Secret = secret, Current = issued, Next = null };
        var status = certificate.Status with
        {
            Revision = revision,
            NextPrivateKeySecretName = "",
            LastFailureTime = null,
            FailedIssuanceAttempts = null,
            // What the CA suggested was about the certificate before.
            Acme = null,
        };
        done = done with { Certificate = certificate with { Status = status } };
        status = CertificateStatus.Told(done, status.Without(Conditions.Issuing), Checks.First(done, CheckUse.Ready));
        done = done with { Certificate = await SetStatusAsync(certificate, status, cancellationToken) };
        news.Issued(certificate, issued, revision, material.Chain[0]);
        news.Standing(certificate, Checks.First(done, CheckUse.Ready), RenewalTime.Plan(done));
        await TidyAsync(done, cancellationToken);
        if (keySecret != Names.NextKey(certificate) && objects.Secret(@namespace, keySecret) is { } left && NextKeySecret.Belongs(certificate, left))
            await secrets.DeleteAsync(left, cancellationToken);
        return IssuanceDecision.For(done).NextLook is { } next ? Reconciliation.After(next - state.Now) : Reconciliation.Done;
    }

    private async ValueTask<KeyPair?> FindKeyAsync(
        CertificateState state, CertificateRequestView issued, string keySecret, CancellationToken cancellationToken)
    {
        // The Secret itself has it where all but the status was written.
        foreach (var name in (string[])[keySecret, state.Spec.SecretName])
        {
            var key = name.Length == 0
                ? null : SecretStore.KeyIn(await secrets.ReadAsync(state.Certificate.Metadata.Namespace, name, cancellationToken));
            if (key is not null && Print.Of(key.PublicKey.Der.Span) == issued.Asked?.Key)
                return key;
            key?.Dispose();
        }

        return null;
    }

    private static SecretMaterial? MaterialOf(CertificateRequestObject request, KeyPair key)
    {
        try
        {
            var chain = Certificate.ListFromPem(Encoding.UTF8.GetString(request.Status.Certificate));
            return chain[0].Matches(key)
                ? new SecretMaterial { Key = key, Chain = chain, Authorities = SecretContent.ReadOrNone(request.Status.Ca) } : null;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    /// <summary>A certificate that is of no use (its key was deleted, say) still was its revision's one: the next one follows.</summary>
    private async ValueTask<Reconciliation> AbandonAsync(CertificateState state, int revision, string why, CancellationToken cancellationToken)
    {
        await SetStatusAsync(state.Certificate, state.Certificate.Status with { Revision = revision }, cancellationToken);
        news.Abandoned(state.Certificate, revision, why);
        return Reconciliation.After(TimeSpan.Zero);
    }

    private static bool WasTold(CertificateState state, CertificateRequestView failed) =>
        state.Certificate.Status is { LastFailureTime: { } told, FailedIssuanceAttempts: > 0 } && told == failed.FailedAt;

    private async ValueTask<Reconciliation> FailAsync(CertificateState state, CertificateRequestView failed, CancellationToken cancellationToken)
    {
        At("fail");
        var attempts = (state.Certificate.Status.FailedIssuanceAttempts ?? 0) + 1;
        var told = state.Certificate.Status with
        {
            LastFailureTime = failed.FailedAt ?? state.Now,
            FailedIssuanceAttempts = attempts,
        };
        var failure = failed.Condition("InvalidRequest") is { Status: "True" } invalid ? invalid
            : failed.IsDenied ? failed.Condition("Denied") : failed.Condition("Ready");
        var reason = failed.IsInvalid ? "InvalidRequest" : failed.IsDenied ? "Denied" : "Failed";
        var seen = state with { Certificate = state.Certificate with { Status = told.Without(Conditions.Issuing) } };
        var retry = IssuanceDecision.RetryTime(seen) ?? state.Now;
        var message = $"The certificate request has failed to complete and will be retried at {ObjectFields.Rfc3339(retry)} "
            + $"(attempt {attempts}): {failure?.Message}";
        var status = CertificateStatus.Told(seen, told, Checks.First(seen, CheckUse.Ready)).With(state, Conditions.Issuing, false, reason, message);
        await SetStatusAsync(state.Certificate, status, cancellationToken);
        news.Failed(state.Certificate, failed, state.Revision + 1, reason, message, failure?.Message ?? "", retry);
        return Reconciliation.After(retry - state.Now);
    }

    /// <summary>What was marked as issuing cannot be issued.</summary>
    private async ValueTask<Reconciliation> StopAsync(CertificateState state, CancellationToken cancellationToken)
    {
        Forget(new ObjectKey(state.Certificate.Metadata.Namespace, state.Certificate.Metadata.Name));
        var notReady = Checks.First(state, CheckUse.Ready) ?? new Violation(Reasons.InvalidSpecification, state.SpecProblem ?? "");
        var status = CertificateStatus.Told(state, state.Certificate.Status, notReady)
            .With(state, Conditions.Issuing, false, notReady.Reason, $"Not issued: {notReady.Message}");
        await SetStatusAsync(state.Certificate, status, cancellationToken);
        news.Refused(state.Certificate, notReady);
        return Reconciliation.Done;
    }

    private static bool WantsTemporary(CertificateState state) =>
        state.Certificate.Metadata.Annotations.GetValueOrDefault(WellKnown.IssueTemporary) == "true"
        && (state.Secret is null || SecretChecks.MissingData(state) is not null || SecretChecks.KeyIsNotTheCertificates(state) is not null);

    private async ValueTask WriteTemporaryAsync(CertificateState state, NextKey next, CancellationToken cancellationToken)
    {
        var pair = next.Pair ?? SecretStore.KeyIn(
            await secrets.ReadAsync(state.Certificate.Metadata.Namespace, next.Secret, cancellationToken));
        try
        {
            // A Secret without our label is not seen: nothing that is there is replaced by something temporary.
            var before = state.Secret ?? await client.FindAsync(
                IssuanceResources.Secrets, state.Certificate.Metadata.Namespace, state.Spec.SecretName, cancellationToken);
            if (pair is null || before is { Leaf: not null, Key.IsNone: false } && before.Leaf.Key == before.Key)
                return;
            if (TemporaryCertificate.Make(state.Spec, pair, time.GetUtcNow()) is { } certificate)
            {
                At("temporary");
                await secrets.WriteAsync(
                    state.Certificate, before, new SecretMaterial { Key = pair, Chain = [certificate], IsTemporary = true }, cancellationToken);
            }
        }
        finally
        {
            if (next.Pair is null)
                pair?.Dispose();
        }
    }

    private ValueTask DeleteRequestAsync(CertificateRequestView request, CancellationToken cancellationToken) =>
        Deletion.OfAsync(client, objects, IssuanceResources.Requests, request, cancellationToken);

    private void At(string step) => options.FaultPoint?.Invoke(step);
}
