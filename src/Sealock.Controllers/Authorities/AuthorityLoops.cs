// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>The room's loop: the CAs of all issuers of the kind <c>ca</c>.</summary>
internal static class AuthorityLoops
{
    private static readonly Backoff Quick = new() { Longest = TimeSpan.FromSeconds(30) };

    /// <summary>Many Secrets change at once while a CA is replaced: they are counted a few times a second.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(300);

    /// <summary>Adds the loop. From then on issuers sign with the CA whose turn it is.</summary>
    public static AuthorityObjects AddTo(
        LoopSet loops, ApiClient client, IssuanceLoops issuance, IssuanceOptions options, TimeProvider time, ILogger logger)
    {
        var records = loops.Follow(client, AuthorityRecord.Type, new InformerScope { LabelSelector = $"{RecordNames.Label}=true" });
        var fresh = new Freshest<AuthorityRecord>(records);
        var bySecret = new NameIndex<IssuerView>(issuer => issuer.Spec.Ca?.SecretName, issuance.Issuers);
        var clusterBySecret = new NameIndex<IssuerView>(issuer => issuer.Spec.Ca?.SecretName, issuance.ClusterIssuers);
        ControlLoop? loop = null;
        var objects = new AuthorityObjects
        {
            Issuer = (@namespace, name) => (@namespace.Length > 0 ? issuance.Issuers : issuance.ClusterIssuers).Find(@namespace, name),
            Record = fresh.Find,
            Records = () => records.Objects.Values,
            Secrets = () => issuance.Secrets.Objects.Values,
            Certificate = issuance.Objects.Certificate,
            Requests = () => issuance.Requests.Objects.Values,
            Wrote = written =>
            {
                fresh.Wrote(written);
                Tell(written);
            },
        };
        issuance.Plans.KeepBy((@namespace, name) =>
            objects.Issuer(@namespace, name) is { Spec.Ca: not null } issuer
            && fresh.Find(NamespaceOf(issuer, options), RecordNames.Of(issuer)) is { } record && RecordContent.Belongs(record, issuer) ? record.Plan : null);

        var reconciler = new AuthorityReconciler(client, objects, options, issuance.Events, time);
        loop = loops.Add(new ControlLoop(
            "authorities",
            (key, stop) => IsSynced() ? reconciler.ReconcileAsync(key, stop)
                : ValueTask.FromResult(Reconciliation.TryAgain("not all objects are known yet")),
            time, logger, Quick));
        issuance.Issuers.OnChange(change => Look(change.New));
        issuance.ClusterIssuers.OnChange(change => Look(change.New));
        records.OnChange(change => Tell((change.New ?? change.Old)!));
        issuance.Secrets.OnChange(change =>
        {
            var metadata = (change.New ?? change.Old)!.Metadata;
            foreach (var name in bySecret.Find(metadata.Namespace, metadata.Name))
                loop.Look(new ObjectKey(metadata.Namespace, name));
            if (metadata.Namespace == options.ClusterResourceNamespace)
            {
                foreach (var name in clusterBySecret.Find("", metadata.Name))
                    loop.Look(new ObjectKey("", name));
            }

            LookAtIssuerOf(metadata);
        });
        issuance.Certificates.OnChange(change =>
        {
            if (change.New is null || change.New.Metadata.DeletionTimestamp is not null)
                LookIfRotating(change.Old?.Metadata.Namespace ?? "", change.Old?.Spec.IssuerRef ?? new());
        });
        return objects;

        bool IsSynced() => records.IsSynced && issuance.Certificates.IsSynced && issuance.Requests.IsSynced && issuance.Secrets.IsSynced
            && issuance.Issuers.IsSynced && issuance.ClusterIssuers.IsSynced;

        void Look(IssuerView? issuer)
        {
            if (issuer?.Spec.Ca is not null)
                loop.Look(new ObjectKey(issuer.Metadata.Namespace, issuer.Metadata.Name));
        }

        void Tell(AuthorityRecord record)
        {
            var said = record.Metadata.Annotations;
            var @namespace = said.GetValueOrDefault(RecordNames.IssuerKind) == IssuerReferenceView.ClusterKind ? "" : record.Metadata.Namespace;
            if (objects.Issuer(@namespace, said.GetValueOrDefault(RecordNames.IssuerName) ?? "") is { } issuer)
            {
                issuance.LookAtAllOf(issuer);
                Look(issuer);
            }
        }

        void LookAtIssuerOf(ObjectMetaView secret)
        {
            if (secret.Annotations.GetValueOrDefault(WellKnown.IssuerName) is { Length: > 0 } name)
            {
                LookIfRotating(secret.Namespace, new IssuerReferenceView
                {
                    Name = name,
                    Kind = secret.Annotations.GetValueOrDefault(WellKnown.IssuerKind) ?? "",
                    Group = secret.Annotations.GetValueOrDefault(WellKnown.IssuerGroup) ?? "",
                });
            }
        }

        void LookIfRotating(string @namespace, IssuerReferenceView reference)
        {
            if (issuance.Plans.Find(@namespace, reference) is { Phase: not RotationPhase.Stable })
                loop.LookAfter(new ObjectKey(reference.IsCluster ? "" : @namespace, reference.Name), Gathering);
        }
    }

    private static string NamespaceOf(IssuerView issuer, IssuanceOptions options) =>
        issuer.Metadata.Namespace.Length > 0 ? issuer.Metadata.Namespace : options.ClusterResourceNamespace;
}
