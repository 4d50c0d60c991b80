// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>The room's loop: the CAs of all issuers of the kind <c>ca</c>. Where it runs, issuers sign with the CA whose turn it is.</summary>
internal sealed class AuthorityLoops
{
    private static readonly Backoff Quick = new() { Longest = TimeSpan.FromSeconds(30) };

    /// <summary>Many Secrets change at once while a CA is replaced: they are counted a few times a second.</summary>
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(300);

    private readonly IssuanceLoops _issuance;
    private readonly IssuanceOptions _options;
    private readonly Informer<AuthorityRecord> _records;
    private readonly Freshest<AuthorityRecord> _freshRecords;
    private readonly NameIndex<IssuerView> _issuersBySecret;
    private readonly NameIndex<IssuerView> _clusterIssuersBySecret;
    private readonly ControlLoop _loop;
    private Action<AuthorityRecord> _changed = _ => { };

    private AuthorityLoops(
        LoopSet loops, ApiClient client, IssuanceLoops issuance, IssuanceOptions options, TimeProvider time, ILogger logger)
    {
        (_issuance, _options) = (issuance, options);
        _records = loops.Follow(client, AuthorityRecord.Type, new InformerScope { LabelSelector = $"{RecordNames.Label}=true" });
        _freshRecords = new(_records);
        _issuersBySecret = new(issuer => issuer.Spec.Ca?.SecretName, issuance.Issuers);
        _clusterIssuersBySecret = new(issuer => issuer.Spec.Ca?.SecretName, issuance.ClusterIssuers);
        Objects = new AuthorityObjects
        {
            Issuer = FindIssuer,
            Record = _freshRecords.Find,
            Records = () => _records.Objects.Values,
            Secrets = () => issuance.Secrets.Objects.Values,
            Certificate = issuance.Objects.Certificate,
            Requests = () => issuance.Requests.Objects.Values,
            Wrote = Take,
        };
        issuance.Plans.KeepBy(FindPlan, _records);
        var reconciler = new AuthorityReconciler(client, Objects, options, issuance.Events, time);
        _loop = loops.Add(new ControlLoop(
            "authorities",
            (key, stop) => IsSynced ? reconciler.ReconcileAsync(key, stop)
                : ValueTask.FromResult(Reconciliation.TryAgain("not all objects are known yet")),
            time, logger, Quick));
        Connect();
    }

    public AuthorityObjects Objects { get; }

    /// <summary>Asks for another look at issuers whose CA stands in a Secret and is being replaced.</summary>
    public void LookAtIssuersOf(string @namespace, string secret)
    {
        foreach (var key in IssuersOf(@namespace, secret))
            LookIfRotating(key);
    }

    /// <summary>The records of issuers whose CA stands in a Secret.</summary>
    public IEnumerable<AuthorityRecord> RecordsOf(string @namespace, string secret) =>
        IssuersOf(@namespace, secret).Select(key => FindRecord(key.Namespace, key.Name)).OfType<AuthorityRecord>();

    /// <summary>Calls back whenever a record has changed.</summary>
    public void OnRecordChange(Action<AuthorityRecord> handler) => _changed += handler;

    /// <summary>Whether all records and all that they are about are known.</summary>
    public bool IsSynced => _records.IsSynced && _issuance.Certificates.IsSynced && _issuance.Requests.IsSynced
        && _issuance.Secrets.IsSynced && _issuance.Issuers.IsSynced && _issuance.ClusterIssuers.IsSynced;

    /// <summary>Adds the loop.</summary>
    public static AuthorityLoops AddTo(
        LoopSet loops, ApiClient client, IssuanceLoops issuance, IssuanceOptions options, TimeProvider time, ILogger logger) =>
        new(loops, client, issuance, options, time, logger);

    private void Connect()
    {
        _issuance.Issuers.OnChange(change => Look(change.New));
        _issuance.ClusterIssuers.OnChange(change => Look(change.New));
        _records.OnChange(change => Tell((change.New ?? change.Old)!, change.New is null));
        _issuance.Secrets.OnChange(change =>
        {
            var metadata = (change.New ?? change.Old)!.Metadata;
            foreach (var key in IssuersOf(metadata.Namespace, metadata.Name))
                _loop.Look(key);
            if (metadata.Annotations.GetValueOrDefault(WellKnown.IssuerName) is { Length: > 0 } name)
            {
                var isCluster = metadata.Annotations.GetValueOrDefault(WellKnown.IssuerKind) == IssuerReferenceView.ClusterKind;
                LookIfRotating(new ObjectKey(isCluster ? "" : metadata.Namespace, name));
            }
        });
        _issuance.Certificates.OnChange(change =>
        {
            if (change is { Old: { } gone, New: null })
                LookIfRotating(new ObjectKey(gone.Spec.IssuerRef.IsCluster ? "" : gone.Metadata.Namespace, gone.Spec.IssuerRef.Name));
        });
    }

    private IEnumerable<ObjectKey> IssuersOf(string @namespace, string secret)
    {
        foreach (var name in _issuersBySecret.Find(@namespace, secret))
            yield return new(@namespace, name);
        if (@namespace != _options.ClusterResourceNamespace)
            yield break;
        foreach (var name in _clusterIssuersBySecret.Find("", secret))
            yield return new("", name);
    }

    private IssuerView? FindIssuer(string @namespace, string name) =>
        (@namespace.Length > 0 ? _issuance.Issuers : _issuance.ClusterIssuers).Find(@namespace, name);

    private AuthorityPlan? FindPlan(string @namespace, string name) => FindRecord(@namespace, name)?.Plan;

    private AuthorityRecord? FindRecord(string @namespace, string name) =>
        FindIssuer(@namespace, name) is { Spec.Ca: not null } issuer
        && _freshRecords.Find(@namespace.Length > 0 ? @namespace : _options.ClusterResourceNamespace, RecordNames.Of(issuer)) is { } record
        && RecordContent.Belongs(record, issuer) ? record : null;

    private void Take(AuthorityRecord written)
    {
        _freshRecords.Wrote(written);
        Tell(written, false);
    }

    /// <summary>Everybody whom a record concerns is told of it.</summary>
    private void Tell(AuthorityRecord record, bool isGone)
    {
        // The lists of what an old CA has revoked are needed as long as it is trusted.
        var listed = $"earlier CA {record.Metadata.Key}";
        if (!isGone && record is { Phase: not RotationPhase.Stable, OldAuthority: { } old })
            _options.CrlAuthorities?.Put(listed, old);
        else
            _options.CrlAuthorities?.Remove(listed);
        _changed(record);
        var said = record.Metadata.Annotations;
        var @namespace = said.GetValueOrDefault(RecordNames.IssuerKind) == IssuerReferenceView.ClusterKind ? "" : record.Metadata.Namespace;
        if (FindIssuer(@namespace, said.GetValueOrDefault(RecordNames.IssuerName) ?? "") is not { } issuer)
            return;
        _issuance.LookAtAllOf(issuer);
        Look(issuer);
    }

    private void Look(IssuerView? issuer)
    {
        if (issuer?.Spec.Ca is not null)
            _loop.Look(new ObjectKey(issuer.Metadata.Namespace, issuer.Metadata.Name));
    }

    private void LookIfRotating(ObjectKey issuer)
    {
        if (FindPlan(issuer.Namespace, issuer.Name) is { Phase: not RotationPhase.Stable })
            _loop.LookAfter(issuer, Gathering);
    }
}
