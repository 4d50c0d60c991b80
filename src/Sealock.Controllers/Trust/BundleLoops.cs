// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Selectors;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Trust;

/// <summary>The room's loop: Bundles, and the objects that they come from and go to. Of those no contents are kept.</summary>
internal sealed class BundleLoops
{
    private static readonly Backoff Quick = new() { Longest = TimeSpan.FromMinutes(1) };

    private readonly string _trustNamespace;
    private readonly AuthorityLoops _authorities;
    private readonly Informer<BundleView> _bundles;
    private readonly Informer<NamespaceView> _namespaces;
    private readonly Informer<SourceView> _configMaps;
    private readonly Informer<SourceView> _secrets;
    private readonly Informer<TargetFacts> _configMapTargets;
    private readonly Informer<TargetFacts> _secretTargets;
    private readonly Freshest<TargetFacts> _freshConfigMaps;
    private readonly Freshest<TargetFacts> _freshSecrets;
    private readonly BundleReconciler _reconciler;
    private readonly ControlLoop _loop;

    private BundleLoops(
        LoopSet loops, ApiClient client, AuthorityLoops authorities, TrustOptions options, EventRecorder events, TimeProvider time, ILogger logger)
    {
        (_trustNamespace, _authorities) = (options.Namespace, authorities);
        _bundles = loops.Follow(client, BundleView.Type);
        _namespaces = loops.Follow(client, ResourceTypes.Namespaces);
        var sourceScope = new InformerScope { Namespace = _trustNamespace };
        _configMaps = loops.Follow(client, SourceView.ConfigMaps, sourceScope);
        _secrets = loops.Follow(client, SourceView.Secrets, sourceScope);
        var targetScope = new InformerScope { LabelSelector = TargetKind.Label };
        _configMapTargets = loops.Follow(client, TargetFacts.ConfigMaps, targetScope);
        _secretTargets = loops.Follow(client, TargetFacts.Secrets, targetScope);
        (_freshConfigMaps, _freshSecrets) = (new(_configMapTargets), new(_secretTargets));
        var objects = new BundleObjects
        {
            Bundle = name => _bundles.Find("", name),
            Namespaces = () => _namespaces.Objects.Values,
            Target = (kind, @namespace, name) => FreshOf(kind).Find(@namespace, name),
            TargetsOf = (kind, bundle) => (kind.IsSecret ? _secretTargets : _configMapTargets).Objects.Values
                .Where(target => target.Metadata.Labels.GetValueOrDefault(TargetKind.Label) == bundle),
            Wrote = (kind, written) => FreshOf(kind).Wrote(written),
            Deleted = (kind, last) => FreshOf(kind).Deleted(last),
        };
        var sources = new BundleSources(client, _trustNamespace, options, secret => authorities.RecordsOf(_trustNamespace, secret), time);
        _reconciler = new BundleReconciler(client, objects, sources, new ClusterTrustBundles(client, time), events, time);
        _loop = loops.Add(new ControlLoop(
            "bundles",
            async (key, stop) =>
            {
                if (!IsSynced)
                    return Reconciliation.TryAgain("not all objects are known yet");
                var result = await _reconciler.ReconcileAsync(key, stop);
                foreach (var secret in _reconciler.HeededBy(key.Name)?.Keys ?? [])
                    authorities.LookAtIssuersOf(_trustNamespace, secret);
                return result;
            },
            time, logger, Quick));
        authorities.Objects.LaggingBundles = LaggingBundles;
        Connect();
    }

    /// <summary>Adds the loop.</summary>
    public static BundleLoops AddTo(
        LoopSet loops, ApiClient client, AuthorityLoops authorities, TrustOptions options, EventRecorder events, TimeProvider time, ILogger logger) =>
        new(loops, client, authorities, options, events, time, logger);

    private bool IsSynced => _bundles.IsSynced && _namespaces.IsSynced && _configMaps.IsSynced && _secrets.IsSynced
        && _configMapTargets.IsSynced && _secretTargets.IsSynced && _authorities.IsSynced;

    private Freshest<TargetFacts> FreshOf(TargetKind kind) => kind.IsSecret ? _freshSecrets : _freshConfigMaps;

    private void Connect()
    {
        _bundles.OnChange(change => Look((change.New ?? change.Old)!.Metadata.Name));
        _namespaces.OnChange(change =>
        {
            if (change is { Old: { } old, New: { } now } && old.IsActive == now.IsActive && SameLabels(old.Metadata, now.Metadata))
                return;
            foreach (var bundle in _bundles.Objects.Values)
                Look(bundle.Metadata.Name);
        });
        _configMaps.OnChange(change => LookAtUsersOf(change, source => source.ConfigMap));
        _secrets.OnChange(change => LookAtUsersOf(change, source => source.Secret));
        _configMapTargets.OnChange(LookAtOwner);
        _secretTargets.OnChange(LookAtOwner);
        _authorities.OnRecordChange(record =>
        {
            foreach (var bundle in _bundles.Objects.Values.Where(bundle => bundle.Spec.Sources.Any(source => source.Secret is not null)))
                Look(bundle.Metadata.Name);
        });
    }

    private void LookAtOwner(ObjectChange<TargetFacts> change)
    {
        foreach (var metadata in (ObjectMetaView?[])[change.Old?.Metadata, change.New?.Metadata])
        {
            if (metadata?.Labels.GetValueOrDefault(TargetKind.Label) is { Length: > 0 } bundle)
                Look(bundle);
        }
    }

    private void LookAtUsersOf(ObjectChange<SourceView> change, Func<BundleSourceView, SourceObjectView?> referenceOf)
    {
        foreach (var bundle in _bundles.Objects.Values)
        {
            if (bundle.Spec.Sources.Select(referenceOf).OfType<SourceObjectView>()
                .Any(reference => Selects(reference, change.Old?.Metadata) || Selects(reference, change.New?.Metadata)))
                Look(bundle.Metadata.Name);
        }
    }

    private static bool Selects(SourceObjectView reference, ObjectMetaView? metadata) => metadata is not null
        && (reference.Name.Length > 0 ? reference.Name == metadata.Name
            : LabelSelectorObject.TryCompile(reference.Selector, out var selector, out _) && selector.Matches(metadata.Labels));

    /// <summary>Bundles with a Secret as source that were last published with another state of its issuers' CAs.</summary>
    private IEnumerable<string> LaggingBundles(string @namespace, string secret)
    {
        if (@namespace != _trustNamespace)
            yield break;
        var source = _secrets.Find(@namespace, secret)?.Metadata;
        var now = BundleSources.HeedOf(_authorities.RecordsOf(@namespace, secret).Select(record => record.Plan).OfType<AuthorityPlan>()
            .Select(plan => plan.Trusted.ToString()));
        foreach (var bundle in _bundles.Objects.Values)
        {
            if (bundle.Spec.Sources.Any(from => from.Secret is { } reference && Selects(reference, source))
                && _reconciler.HeededBy(bundle.Metadata.Name)?.GetValueOrDefault(secret) != now)
                yield return $"the Bundle {bundle.Metadata.Name}";
        }
    }

    private static bool SameLabels(ObjectMetaView one, ObjectMetaView other) =>
        one.Labels.Count == other.Labels.Count && one.Labels.All(label => other.Labels.GetValueOrDefault(label.Key) == label.Value);

    private void Look(string bundle) => _loop.Look(new ObjectKey("", bundle));
}
