// SPDX-License-Identifier: Apache-2.0
using System.Runtime.ExceptionServices;
using System.Text;
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Creating;

/// <summary>
/// Completes a certificate set: keeps what is right, makes what is missing or wrong, tells what it will not replace. A
/// run that was interrupted anywhere is completed by the next one.
/// </summary>
public sealed class SetCreator
{
    private readonly ClusterPlan _plan;
    private readonly SetFolder _folder;
    private readonly CreationOptions _options;
    private readonly DateTimeOffset _now;
    private readonly SetWriter _writer;
    private readonly List<CreationItem> _items = [];
    private readonly List<string> _notes = [];

    private SetCreator(ClusterPlan plan, SetFolder folder, CreationOptions options, DateTimeOffset now)
    {
        (_plan, _folder, _options, _now) = (plan, folder, options, now);
        _writer = new(options.Before);
    }

    /// <summary>Completes the set of a plan, or only says what would be done.</summary>
    /// <exception cref="CreationException">Another process changes the set, or something that is needed is missing.</exception>
    /// <exception cref="StagingException">A change that was interrupted can neither be completed nor undone.</exception>
    /// <exception cref="IOException">A folder cannot be written; what was written stays and is completed by the next run.</exception>
    /// <exception cref="UnauthorizedAccessException">A folder may not be written.</exception>
    public static CreationReport Run(
        ClusterPlan plan, SetFolder folder, CreationOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var creator = new SetCreator(plan, folder, options, clock.GetUtcNow());
        try
        {
            if (options.DryRun)
                return creator.Run(cancellationToken);
            using var held = SetLock.TryTake(folder) ?? throw new CreationException($"another process changes {folder.Root}: wait until it has ended");
            // Opening completes what a killed renewal or rotation left.
            using (StagingArea.Open(folder.Root, new() { StateFolder = SetFolder.StagingState }))
            {
            }

            return creator.Run(cancellationToken);
        }
        catch (AggregateException faults)
        {
            // Of several threads' faults the first is told; they are mostly the same full disk.
            ExceptionDispatchInfo.Throw(faults.Flatten().InnerExceptions[0]);
            throw;
        }
    }

    private CreationReport Run(CancellationToken cancellationToken)
    {
        var standing = StandingSet.Read(_plan, _folder, cancellationToken);
        var owners = new FileOwners(_plan, _folder.IsInPlace);
        var keys = new Dictionary<string, KeyPair>();
        try
        {
            var (outlooks, material) = Authorities(standing, keys);
            var decisions = Leaves(standing, outlooks, material, keys, owners, cancellationToken);
            OtherFiles(standing, material, owners, decisions, cancellationToken);
        }
        finally
        {
            foreach (var key in keys.Values)
                key.Dispose();
        }

        if (!_options.DryRun && _writer.Count > 0)
        {
            using var root = OpenFolder.Open(_folder.Root);
            root.SyncFileSystem();
        }

        return new() { Items = _items, FilesWritten = _writer.Count, Notes = _notes };
    }

    /// <summary>Decides about the authorities and the service account keys, and makes them: all else follows from them.</summary>
    private (Dictionary<string, AuthorityOutlook> Outlooks, SetMaterial Material) Authorities(StandingSet standing, Dictionary<string, KeyPair> keys)
    {
        var authorities = standing.Authorities.ToArray();
        var found = new (StandingAuthority Authority, AuthorityFacts Facts, CreationDecision Decision)[authorities.Length];
        Parallel.For(0, found.Length, i =>
        {
            var (facts, key) = SetInspection.Of(authorities[i], _options.Passphrase);
            if (key is not null)
            {
                lock (keys)
                    keys[authorities[i].Planned.Name] = key;
            }

            found[i] = (authorities[i], facts, AuthorityDecisions.Of(authorities[i].Planned, facts, _options.ExternalAuthorities, _now));
        });
        var outlooks = found.ToDictionary(item => item.Authority.Planned.Name, item => AuthorityDecisions.Outlook(item.Decision, item.Facts, item.Authority.Roles));
        _items.AddRange(found.Select(item => new CreationItem(null, item.Authority.Planned.Name, item.Decision)));
        var serviceAccount = new ServiceAccountKeys(_folder);
        _items.Add(serviceAccount.Item);

        var roles = found.Where(item => item.Authority.Roles is not null && item.Decision.Verdict == CreationVerdict.Keep)
            .ToDictionary(item => item.Authority.Planned.Name, item => item.Authority.Roles!); // just asked
        var texts = found.Where(item => item.Authority.KeyFile.Content is not null && item.Decision.Verdict == CreationVerdict.Keep)
            .ToDictionary(item => item.Authority.Planned.Name, item => item.Authority.KeyFile.Text);
        (string? Private, string? Public) account = (null, null);
        if (!_options.DryRun)
        {
            var maker = new AuthorityMaker(_plan.Configuration, _folder, _writer, _options.Passphrase, _now);
            Parallel.For(0, found.Length, i =>
            {
                if (found[i].Decision.Verdict != CreationVerdict.Make)
                    return;
                var name = authorities[i].Planned.Name;
                KeyPair? key;
                lock (keys)
                    key = keys.GetValueOrDefault(name);
                var made = maker.Make(authorities[i].Planned, key, authorities[i].KeyFile.Text);
                lock (keys)
                    (keys[name], texts[name], roles[name]) = (made.Key, made.KeyText, AuthorityRoles.Of(made.Chain));
            });
            account = serviceAccount.Make(_plan.Configuration, _writer);
        }

        foreach (var name in texts.Where(pair => SetMaterial.IsEncrypted(pair.Value)).Select(pair => pair.Key).ToList())
            texts.Remove(name);
        if (!_plan.Configuration.AuthorityKeysApart && texts.Count < roles.Count && !_options.DryRun)
            _notes.Add("CA keys that are encrypted or elsewhere are not put on nodes: write caKeysApart: true into cluster.yaml");
        return (outlooks, new() { Roles = roles, AuthorityKeys = texts, ServiceAccountKey = account.Private, ServiceAccountPublicKeys = account.Public });
    }

    private LeafDecision[] Leaves(
        StandingSet standing, Dictionary<string, AuthorityOutlook> outlooks, SetMaterial material, Dictionary<string, KeyPair> keys,
        FileOwners owners, CancellationToken cancellationToken)
    {
        var all = standing.Certificates.ToArray();
        var decisions = new LeafDecision[all.Length];
        var leaves = new LeafWriter(_plan, material, keys, _writer, owners, _folder.IsInPlace, _now);
        var done = 0;
        Parallel.For(0, all.Length, new ParallelOptions { CancellationToken = cancellationToken, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            var (planned, outlook) = (all[i].Planned, outlooks[all[i].Planned.Authority.Name]);
            var facts = all[i].Files.All(file => file.IsMissing) && outlook.Source != LeafSource.AsksFor ? new LeafFacts() : SetInspection.Of(all[i], outlook);
            decisions[i] = LeafDecisions.Of(planned, facts, outlook, _now);
            if (!_options.DryRun)
                decisions[i] = Carry(leaves, all[i], decisions[i]);
            _options.Progress?.Report((Interlocked.Increment(ref done), all.Length));
        });
        return decisions;
    }

    private static LeafDecision Carry(LeafWriter leaves, StandingCertificate standing, LeafDecision decision)
    {
        if (decision.Decision.Verdict == CreationVerdict.Request)
            leaves.Request(standing, decision);
        else if (decision.Decision.Verdict == CreationVerdict.Make && leaves.Make(standing, decision) is { } refusal)
            return new(CreationDecision.Report($"{decision.Decision.Reason}, and its CA refuses to sign: {refusal}"));
        return decision;
    }

    /// <summary>Bundles, signing certificates and keys, and settings; items in the order of nodes.</summary>
    private void OtherFiles(
        StandingSet standing, SetMaterial material, FileOwners owners, LeafDecision[] leaves, CancellationToken cancellationToken)
    {
        var settings = new SettingKeeper(_folder);
        var files = standing.Files.Where(file => file.Planned.Content is not (LeafCertificate or LeafKey or LeafKubeconfig)).ToArray();
        var decisions = new CreationDecision?[files.Length];
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellationToken }, i =>
        {
            var (file, planned) = (files[i], files[i].Planned);
            // A running node's components have settings already; new ones would start others.
            if (IsOfAuthorities(file.Path) || (_folder.IsInPlace && planned.Content is Setting or SecretSetting))
                return;
            var wanted = settings.Wanted(planned, _plan.Configuration, _options.DryRun ? null : _writer);
            var isSetting = wanted is not null;
            if (!isSetting && FileText.Of(planned, _plan.Configuration, material) is { } text)
                wanted = Encoding.UTF8.GetBytes(text);
            var decision = wanted is null ? Unknown(file, material)
                : isSetting ? settings.Decide(file, wanted)
                : DerivedDecisions.Of(file, wanted, material);
            if (decision is { Verdict: CreationVerdict.Make } && wanted is not null && !_options.DryRun)
                _writer.Write(file.Path, wanted, planned.Mode, owners.Of(planned), _folder.IsInPlace);
            if (isSetting && decision is not null && wanted is not null)
                settings.Remember(file, decision, wanted);
            decisions[i] = decision;
        });
        if (!_options.DryRun)
            settings.Save(_writer);
        FixModes(standing);
        Collect(standing, leaves, files, decisions);
    }

    /// <summary>In place, bundle and key of the first node are the authority's own files, which are made already.</summary>
    private bool IsOfAuthorities(string path) => _folder.IsInPlace
        && (path == _folder.ServiceAccountKey || path == _folder.ServiceAccountPublicKeys
            || _plan.Authorities.Any(authority => path == _folder.CertificateOf(authority) || path == _folder.KeyOf(authority)));

    /// <summary>What is decided while the content is not known: in a dry run it follows an authority that is not made yet.</summary>
    private CreationDecision? Unknown(StandingFile file, SetMaterial material) =>
        !_options.DryRun || file.Planned.Content is AuthorityKey ? null
        : file.Planned.Content is AuthorityBundle or AuthorityCertificate or ServiceAccountKey or ServiceAccountPublicKeys && file.IsMissing
            ? CreationDecision.Make("missing")
        : null;

    private void FixModes(StandingSet standing)
    {
        foreach (var file in standing.Files.Where(file => file.Mode is { } mode && (mode & ~file.Planned.Mode) != 0 && file.Planned.Mode == AtomicFile.Secret))
        {
            if (!_options.DryRun && File.Exists(file.Path))
                _writer.SetMode(file.Path, file.Planned.Mode);
            _notes.Add($"{file.Path} could be read by others than its owner; {(_options.DryRun ? "its mode would become" : "its mode is now")} 0600");
        }
    }

    private void Collect(StandingSet standing, LeafDecision[] leaves, StandingFile[] files, CreationDecision?[] decisions)
    {
        var byNode = _plan.Certificates.Zip(leaves).ToLookup(pair => pair.First.Node.Name, pair => new CreationItem(pair.First.Node, pair.First.Name, pair.Second.Decision));
        var others = files.Zip(decisions).Where(pair => pair.Second is { Verdict: not CreationVerdict.Keep })
            .ToLookup(pair => pair.First.Planned.Node.Name, pair => new CreationItem(pair.First.Planned.Node, pair.First.Planned.Path, pair.Second!)); // just asked
        foreach (var node in standing.Plan.Configuration.Nodes)
        {
            _items.AddRange(byNode[node.Name]);
            _items.AddRange(others[node.Name]);
        }
    }
}
