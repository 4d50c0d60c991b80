// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance.Deciding;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>
/// Asks the endpoints that a Certificate names whether they serve what was issued, after each issuance and from time to time, and
/// says so in the condition <c>Served</c>.
/// </summary>
internal sealed class ProbeReconciler(
    ApiClient client, IssuanceObjects objects, ProbeEndpoint probe, TimeSpan interval, EventRecorder? events, TimeProvider time)
{
    private static readonly TimeSpan LongestHandshake = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AgainWhenNotServed = TimeSpan.FromMinutes(1);

    private readonly ProbeBudget _budget = new(time);
    private readonly ConcurrentDictionary<string, (string Asked, Print Leaf, DateTimeOffset Due)> _asked = new(StringComparer.Ordinal);

    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Certificate(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null } certificate)
        {
            _asked.TryRemove(key.ToString(), out _);
            return Reconciliation.Done;
        }

        var text = certificate.Metadata.Annotations.GetValueOrDefault(WellKnown.Probe) ?? "";
        var leaf = objects.Secret(key.Namespace, certificate.Spec.SecretName) is { } secret
            && !secret.Metadata.Annotations.ContainsKey(WellKnown.Temporary) ? secret.Leaf?.Certificate ?? default : default;
        var now = time.GetUtcNow();
        if (text.Length == 0 || leaf.IsNone)
        {
            _asked.TryRemove(key.ToString(), out _);
            if (certificate.Condition(Conditions.Served) is not null)
                await TellAsync(certificate, null, cancellationToken);
            return Reconciliation.Done;
        }

        if (_asked.TryGetValue(key.ToString(), out var before) && before.Asked == text && before.Leaf == leaf && before.Due > now)
            return Reconciliation.After(before.Due - now);
        var targets = ProbeTargets.Parse(text, certificate.Spec.DnsNames is [var first, ..] ? first : certificate.Spec.CommonName, out var problem);
        if (targets is not null && _budget.Take(key.Namespace, targets.Count) is { } later)
            return Reconciliation.After(later);
        var verdict = targets is not null
            ? ServingVerdict.Of(leaf, await AskAsync(targets, cancellationToken))
            : new ServingVerdict(null, "InvalidProbe", $"the annotation {WellKnown.Probe}: {problem}");
        var wait = verdict.IsServed == true || interval < AgainWhenNotServed ? interval : AgainWhenNotServed;
        _asked[key.ToString()] = (text, leaf, now + wait);
        await TellAsync(certificate, verdict, cancellationToken);
        return Reconciliation.After(wait);
    }

    private async ValueTask<IReadOnlyList<(ProbeTarget, ProbeAnswer)>> AskAsync(
        IReadOnlyList<ProbeTarget> targets, CancellationToken cancellationToken)
    {
        var answers = await Task.WhenAll(targets.Select(async target =>
        {
            using var limit = new CancellationTokenSource(LongestHandshake, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                return await probe(target, either.Token);
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return ProbeAnswer.None;
            }
        }));
        return [.. targets.Zip(answers)];
    }

    private async ValueTask TellAsync(CertificateView certificate, ServingVerdict? verdict, CancellationToken cancellationToken)
    {
        var state = new CertificateState { Certificate = certificate, Now = time.GetUtcNow() };
        var status = verdict is null
            ? certificate.Status.Without(Conditions.Served)
            : certificate.Status.With(state, Conditions.Served, verdict.IsServed, verdict.Reason, verdict.Message);
        if (CertificateStatus.Patch(certificate, status) is not { } patch)
            return;
        try
        {
            objects.Wrote(await client.PatchAsync(
                IssuanceResources.Certificates, certificate.Metadata.Namespace, certificate.Metadata.Name, patch, PatchKind.Merge, "status",
                cancellationToken));
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            return;
        }
        catch (ApiException conflict) when (conflict.Code == 409)
        {
            _asked.TryRemove(new ObjectKey(certificate.Metadata.Namespace, certificate.Metadata.Name).ToString(), out _);
            throw;
        }

        if (verdict is { IsServed: false })
            events?.Say(IssuanceResources.ApiVersion, "Certificate", certificate.Metadata, EventRecorder.Warning, verdict.Reason, verdict.Message);
    }
}
