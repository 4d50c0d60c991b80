// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>
/// Keeps the record of one issuer's CA, and moves it on: a new CA in the issuer's Secret is made known, then signs, and when nothing
/// leads to the old one any more that is withdrawn. What follows from the record is done by those who look after Certificates.
/// </summary>
internal sealed class AuthorityReconciler(
    ApiClient client, AuthorityObjects objects, IssuanceOptions options, EventRecorder? events, TimeProvider time)
{
    private const int MostEarlier = 16;

    /// <summary>When to look again at a Secret whose changes are not told.</summary>
    private static readonly TimeSpan Unfollowed = TimeSpan.FromSeconds(30);

    private readonly RotationCensus _census = new(objects);

    /// <summary>Looks at an issuer, by its namespace (empty for a ClusterIssuer) and name.</summary>
    public async ValueTask<Reconciliation> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (objects.Issuer(key.Namespace, key.Name) is not { Metadata.DeletionTimestamp: null, Spec.Ca: { SecretName.Length: > 0 } ca } issuer)
            return Reconciliation.Done;
        var @namespace = key.Namespace.Length > 0 ? key.Namespace : options.ClusterResourceNamespace;
        var secret = await client.FindAsync(ResourceTypes.Secrets, @namespace, ca.SecretName, cancellationToken);
        var source = SourceAuthority.In(secret);
        if (objects.Record(@namespace, RecordNames.Of(issuer)) is not { Plan: { } plan } record || !RecordContent.Belongs(record, issuer))
            return source is null ? Next(null) : await RecordAsync(issuer, @namespace, source, cancellationToken);
        var now = time.GetUtcNow();
        var facts = FactsOf(issuer, @namespace, record, plan, source, now);
        var decision = RotationDecision.For(facts);
        if (decision.Move == RecordMove.Stay)
        {
            await TellAsync(issuer, record.Phase, decision.Message, cancellationToken);
            return Next(decision.NextLook - now);
        }

        await MoveAsync(issuer, record, source, decision, cancellationToken);
        return Reconciliation.After(TimeSpan.Zero);

        Reconciliation Next(TimeSpan? wait) =>
            secret?.Metadata.Labels.GetValueOrDefault(WellKnown.Attention) == "true"
                ? wait is { } told ? Reconciliation.After(told) : Reconciliation.Done
                : Reconciliation.After(wait < Unfollowed ? wait.Value : Unfollowed);
    }

    private RotationFacts FactsOf(
        IssuerView issuer, string @namespace, AuthorityRecord record, AuthorityPlan plan, SourceAuthority? source, DateTimeOffset now)
    {
        var isRotating = record.Phase != RotationPhase.Stable;
        var compared = source?.ComparedWith(record) ?? RotationSource.None;
        var recorded = compared == RotationSource.New ? record.New : record.Old;
        return new()
        {
            Phase = record.Phase,
            Since = record.Since,
            Settled = record.Settled,
            Source = compared,
            SourceDiffers = compared is RotationSource.Old or RotationSource.New && recorded is not null && source!.DiffersFrom(recorded),
            OldEnds = record.Old?.Signing[0].NotAfter ?? DateTimeOffset.MaxValue,
            NewBegins = record.New?.Signing[0].NotBefore ?? default,
            NewEnds = record.New?.Signing[0].NotAfter ?? DateTimeOffset.MaxValue,
            Lagging = isRotating ? _census.Lagging(issuer, plan, @namespace, now) : RotationCount.None,
            OfOld = record.Phase == RotationPhase.Reissue ? _census.OfOld(issuer, record, now) : RotationCount.None,
            Overlaps = OverlapTimes.Of(issuer.Metadata),
            Now = now,
        };
    }

    private async ValueTask MoveAsync(
        IssuerView issuer, AuthorityRecord record, SourceAuthority? source, RotationDecision decision, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var patch = decision.Move switch
        {
            RecordMove.Begin when source is not null => RecordContent.Begin(record, source, now),
            RecordMove.Follow when source is not null => RecordContent.Follow(record, source),
            RecordMove.Return => RecordContent.Return(record, now),
            RecordMove.Settle => RecordContent.Settle(record, now),
            RecordMove.Reissue => RecordContent.Reissue(record, now),
            RecordMove.Withdraw => RecordContent.Withdraw(record, now),
            RecordMove.Finish => await client.FindAsync(
                ResourceTypes.Secrets, record.Metadata.Namespace, record.Metadata.Name, cancellationToken) is { } whole
                && whole.Metadata.ResourceVersion == record.Metadata.ResourceVersion ? RecordContent.Finish(record, whole, now) : null,
            _ => null,
        };
        if (patch is null)
            return;
        At($"authority-{decision.Move.ToString().ToLowerInvariant()}");
        var written = await client.PatchAsync(
            AuthorityRecord.Type, record.Metadata.Namespace, record.Metadata.Name, patch, cancellationToken: cancellationToken);
        objects.Wrote(written);
        Say(issuer, decision.IsForced ? EventRecorder.Warning : EventRecorder.Normal, $"Authority{decision.Move}", decision.Move switch
        {
            RecordMove.Begin => $"{decision.Message}: {source?.Roles.Signing[0]} is made known before it signs",
            RecordMove.Reissue => $"{decision.Message}: {written.New?.Signing[0]} signs from now on, "
                + $"and certificates of {written.Old?.Signing[0]} are replaced",
            RecordMove.Withdraw => $"{decision.Message}: {written.Old?.Signing[0]} is no longer trusted",
            _ => decision.Message,
        });
    }

    private async ValueTask<Reconciliation> RecordAsync(
        IssuerView issuer, string @namespace, SourceAuthority source, CancellationToken cancellationToken)
    {
        var earlier = await EarlierAsync(issuer, source, cancellationToken);
        var record = RecordContent.New(issuer, @namespace, source, earlier, time.GetUtcNow());
        At("authority-record");
        try
        {
            objects.Wrote(await client.CreateAsync(AuthorityRecord.Type, @namespace, record, cancellationToken));
        }
        catch (ApiException exists) when (exists is { Code: 409, Reason: "AlreadyExists" })
        {
            return await SettleNameAsync(issuer, @namespace, cancellationToken);
        }

        if (earlier.Count > 0)
        {
            Say(issuer, EventRecorder.Normal, "AuthorityReissue",
                $"certificates of {string.Join(", ", earlier)} are about: they are replaced, and that stays trusted until then");
        }

        return Reconciliation.After(TimeSpan.Zero);
    }

    /// <summary>
    /// The record's name is taken: by one that was not yet seen, by a spoilt or a former issuer's one, or by somebody else's Secret.
    /// </summary>
    private async ValueTask<Reconciliation> SettleNameAsync(IssuerView issuer, string @namespace, CancellationToken cancellationToken)
    {
        var name = RecordNames.Of(issuer);
        if (await client.FindAsync(AuthorityRecord.Type, @namespace, name, cancellationToken) is not { } there)
            return Reconciliation.After(TimeSpan.Zero);
        if (!there.Metadata.Labels.ContainsKey(RecordNames.Label))
        {
            var problem = $"the Secret {@namespace}/{name} stands where the issuer's CA is to be recorded: nothing is signed until it is gone";
            Say(issuer, EventRecorder.Warning, "AuthorityRecord", problem);
            await TellAsync(issuer, RotationPhase.Trust, problem, cancellationToken);
            return Reconciliation.TryAgain(problem);
        }

        if (there.Plan is not null && RecordContent.Belongs(there, issuer))
        {
            objects.Wrote(there);
            return Reconciliation.After(TimeSpan.Zero);
        }

        At("authority-discard");
        await client.DeleteAsync(AuthorityRecord.Type, @namespace, name, new DeletePreconditions
        {
            Uid = there.Metadata.Uid,
            ResourceVersion = there.Metadata.ResourceVersion,
        }, cancellationToken);
        return Reconciliation.After(TimeSpan.Zero);
    }

    /// <summary>The CAs of certificates that this issuer's CA has not issued, as the Secrets of those certificates name them.</summary>
    private async ValueTask<IReadOnlyList<Certificate>> EarlierAsync(
        IssuerView issuer, SourceAuthority source, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var own = AuthorityId.Of(source.Roles.Signing[0]);
        var strangers = _census.Issued(issuer)
            .Where(secret => secret.Leaf is { } leaf && leaf.NotAfter > now && !own.Contains(leaf.Authority))
            .DistinctBy(secret => (secret.Leaf!.Authority, secret.Authorities)).Take(MostEarlier).ToList();
        List<Certificate> earlier = [];
        foreach (var stranger in strangers)
        {
            var whole = await client.FindAsync(ResourceTypes.Secrets, stranger.Metadata.Namespace, stranger.Metadata.Name, cancellationToken);
            earlier.AddRange(SecretContent.ReadOrNone(whole?.Data.GetValueOrDefault(WellKnown.CaEntry))
                .Where(ca => ca.IsCa && ca.NotAfter > now && !source.Roles.Trusted.Contains(ca)));
        }

        return [.. earlier.Distinct().OrderByDescending(ca => strangers.Any(stranger => AuthorityId.Of(ca).Contains(stranger.Leaf!.Authority)))];
    }

    private async ValueTask TellAsync(IssuerView issuer, RotationPhase phase, string message, CancellationToken cancellationToken)
    {
        if (RotationStatus.Patch(issuer, phase, message, time.GetUtcNow()) is not { } patch)
            return;
        At("authority-tell");
        try
        {
            await client.PatchAsync(
                issuer.Metadata.Namespace.Length > 0 ? IssuanceResources.Issuers : IssuanceResources.ClusterIssuers,
                issuer.Metadata.Namespace, issuer.Metadata.Name, patch, PatchKind.Merge, "status", cancellationToken);
        }
        catch (ApiException gone) when (gone.Code == 404)
        {
            // It was deleted meanwhile.
        }
    }

    private void Say(IssuerView issuer, string type, string reason, string message) =>
        events?.Say(IssuanceResources.ApiVersion, issuer.Kind, issuer.Metadata, type, reason, message);

    private void At(string step) => options.FaultPoint?.Invoke(step);
}
