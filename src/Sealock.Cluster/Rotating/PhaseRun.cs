// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Making;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>One run over some rotations at once: each node is changed and reloaded once a phase, whatever is rotated.</summary>
internal sealed class PhaseRun : IDisposable
{
    private readonly ClusterPlan _plan;
    private readonly SetFolder _folder;
    private readonly RotationOptions _options;
    private readonly TimeProvider _clock;
    private readonly StagingArea _set;
    private readonly StagingArea _authorities;
    private readonly IDisposable _lock;
    private readonly List<RunningRotation> _running = [];
    private readonly List<string> _warnings = [];

    private PhaseRun(ClusterPlan plan, SetFolder folder, RotationOptions options, TimeProvider clock)
    {
        (_plan, _folder, _options, _clock) = (plan, folder, options, clock);
        _lock = SetLock.TryTake(folder) ?? throw new RotationException($"another process changes {folder.Root}: wait until it has ended");
        StagingArea? set = null;
        try
        {
            _set = set = StagingArea.Open(folder.Root, new() { StateFolder = SetFolder.StagingState });
            _authorities = StagingArea.Open(folder.Authorities);
        }
        catch
        {
            set?.Dispose();
            _lock.Dispose();
            throw;
        }
    }

    /// <summary>Takes the set for itself, completing what a killed run had begun to switch.</summary>
    public static PhaseRun Open(ClusterPlan plan, SetFolder folder, RotationOptions options, TimeProvider clock) =>
        new(plan, folder, options, clock);

    public void Begin(string subject)
    {
        var rotation = RotationStart.Begin(Standing(CancellationToken.None), subject, _options.Passphrase, _options.WithRoot, _options.TokenLifetime, _clock.GetUtcNow());
        if (rotation.Authority is { CrossRefusal: { } why })
        {
            var text = $"{subject}: the old CA cannot certify the new one ({why}); clients that know only the old CA fail from the phase reissue on";
            if (!_options.Force)
                throw new RotationException($"{text}. --force does it nevertheless");
            _warnings.Add(text);
        }

        if (rotation.Authority is { KeepsRoot: true })
            _warnings.Add($"{subject}: the root stays, so certificates of the old intermediate CA are accepted until they end; --root replaces the root, too");

        RotationFile.Write(_folder, rotation);
        Add(rotation);
    }

    public void Add(ClusterRotation rotation)
    {
        var current = rotation with { State = rotation.State.WithMembers(RotationStart.NodesOf(_plan, rotation.Subject)) };
        _running.Add(new(_folder, current, _options, _clock));
    }

    public void End(ClusterRotation rotation)
    {
        using var ended = new RunningRotation(_folder, rotation, _options, _clock);
        ended.End();
    }

    /// <summary>Enters the phase before, for all or for none.</summary>
    public void Undo()
    {
        if (_running.Count == 0)
            throw new RotationException("nothing is being rotated, so there is nothing to undo");
        var moves = _running.ConvertAll(one => one.Phase == RotationPhase.Return ? null : one.Rotation.State.Undo(_options.Force));
        for (var i = 0; i < moves.Count; i++)
        {
            if (moves[i] is { Refusal: { } why } refused)
            {
                throw new RotationException($"{_running[i].Subject}: {why} ({string.Join(", ", refused.Blockers)}). Go on first with "
                    + $"sealock pki rotate {_running[i].Subject} --phase {PhaseRules.NameOf(_running[i].Phase)}");
            }
        }

        for (var i = 0; i < moves.Count; i++)
        {
            if (moves[i]?.State is { } state)
                _running[i].Enter(state);
        }
    }

    /// <summary>Forgets the rotations that are undone to the end.</summary>
    public void EndReturned()
    {
        foreach (var one in _running.Where(one => one.Phase is RotationPhase.Return && one.Rotation.State.IsOver))
            one.End();
    }

    /// <summary>Brings every node to the phase that its rotations have entered; stops at the first that does not get there.</summary>
    public async Task<RotationOutcome> ReachAsync(CancellationToken cancellationToken)
    {
        var open = _running.Where(one => !one.Rotation.State.IsClosed && one.Phase != RotationPhase.Stable).ToList();
        if (open.Count == 0)
            return new();
        foreach (var one in open)
            _authorities.Apply(PhaseFiles.OfAuthorities(_folder, _plan, one.Rotation, one.Keys));
        var standing = Standing(cancellationToken);
        var material = SetMaterial.Of(standing);
        var waiting = new List<ChangedNode>();
        foreach (var node in _plan.Configuration.Nodes)
        {
            var here = open.Where(one => one.HasLeft(node.Name)).ToList();
            if (here.Count == 0)
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            var changed = Change(node, here, standing, material);
            if (await TellAsync(node, changed.Files, cancellationToken) is { } problem)
                return new() { Blockers = [$"{node}: {problem}"] };
            if (_options.ByHand)
                waiting.Add(changed);
            else if (await ProveAsync(changed, cancellationToken) is { Count: > 0 } missing)
                return new() { Blockers = missing };
        }

        return new() { ToDo = await LeftByHandAsync(open, waiting, cancellationToken) };
    }

    /// <summary>Lets the rotations that may enter their next phase do so.</summary>
    public async Task<(bool Advanced, IReadOnlyList<string> Blockers)> AdvanceAsync(RotationPhase? only, CancellationToken cancellationToken)
    {
        var (advanced, blockers) = (false, new List<string>());
        foreach (var one in _running)
        {
            if (PhaseRules.After(one.Phase) is not { } next || (only is not null && next != only))
                continue;
            if (next == RotationPhase.Withdraw)
            {
                var needs = WithdrawGuard.Blockers(
                    one.Rotation, Standing(cancellationToken), await one.AskAllAsync(cancellationToken), _clock.GetUtcNow());
                if (needs.Count > 0 && !_options.Force)
                {
                    blockers.AddRange(needs.Select(need => $"{one.Subject}: {need}"));
                    continue;
                }

                _warnings.AddRange(needs.Select(need => $"{one.Subject}: withdrawn although {need}"));
            }

            var move = one.Rotation.State.Advance(_options.Force);
            if (move.State is not { } state)
            {
                blockers.AddRange(move.Blockers.Select(blocker => $"{one.Subject}: {blocker}: {move.Refusal}"));
                continue;
            }

            one.Enter(state);
            _options.Progress($"{one.Subject}: {PhaseRules.NameOf(next)}");
            advanced = true;
        }

        return (advanced, blockers);
    }

    public RotationOutcome Conclude(RotationOutcome outcome) =>
        outcome with { Warnings = _warnings, Rotations = [.. _running.Select(one => one.Rotation)] };

    public void Dispose()
    {
        foreach (var one in _running)
            one.Dispose();
        _authorities.Dispose();
        _set.Dispose();
        _lock.Dispose();
    }

    private StandingSet Standing(CancellationToken cancellationToken) => StandingSet.Read(_plan, _folder, cancellationToken);

    /// <summary>Changes a node's files. That it may be in the phase is stored before.</summary>
    private ChangedNode Change(ClusterNode node, List<RunningRotation> here, StandingSet standing, SetMaterial material)
    {
        var fresh = here.ConvertAll(one => one.Begin(node.Name)).Contains(true);
        var subjects = here.Select(one => one.Subject).ToHashSet(StringComparer.Ordinal);
        var signers = here.ToDictionary(one => one.Subject, ISigner (one) => one.Keys.At(one.Phase), StringComparer.Ordinal);
        var wanted = PhaseFiles.OfNode(standing, material, node, subjects, signers, _options.ReuseKeys, _clock.GetUtcNow());
        var changed = _set.Apply(wanted).Changes.Where(change => change.Kind != ChangeKind.Unchanged && !change.IsFolder)
            .Select(change => Path.Combine(_folder.Root, change.Path)).ToHashSet(StringComparer.Ordinal);
        if (changed.Count > 0)
            _options.Progress($"{node}: {changed.Count} file{(changed.Count == 1 ? "" : "s")} changed");

        // After a crash nobody knows whether programs had been told of their files, so they are told of all again.
        var files = _plan.Files.Where(file => file.Node == node && (changed.Count > 0
            ? changed.Contains(_folder.PathOf(file))
            : subjects.Any(subject => RotationStart.Concerns(file.Content, subject)))).ToList();
        return new(node, here, files, WasReached: !fresh && changed.Count == 0);
    }

    /// <summary>Waits for the proof of a node whose programs have been told, and confirms it.</summary>
    /// <returns>What is missing; empty where the node is in the phase.</returns>
    private async Task<IReadOnlyList<string>> ProveAsync(ChangedNode changed, CancellationToken cancellationToken)
    {
        var blockers = new List<string>();
        foreach (var one in changed.Rotations)
        {
            var missing = await one.ProveAsync(changed.Node.Name, _options.Wait, cancellationToken);
            if (missing.Count > 0 && !_options.Force)
                blockers.AddRange(missing);
            else
                Confirm(one, changed.Node, missing);
        }

        return blockers;
    }

    /// <summary>
    /// Nodes whose files were written by an earlier run are taken to use them, on the word of who runs this again, unless
    /// their endpoints say otherwise. All are asked at once.
    /// </summary>
    private async Task<IReadOnlyList<string>> LeftByHandAsync(
        List<RunningRotation> open, List<ChangedNode> waiting, CancellationToken cancellationToken)
    {
        var left = new SortedDictionary<int, List<string>>();
        foreach (var one in open)
        {
            var asked = waiting.Where(changed => changed.WasReached && changed.Rotations.Contains(one)).SelectMany(changed => one.EndpointsOf(changed.Node.Name)).ToList();
            var facts = (await one.AskAsync(asked, cancellationToken)).ToLookup(answer => answer.Endpoint.Node.Name);
            for (var i = 0; i < waiting.Count; i++)
            {
                var (node, rotations, files, wasReached) = waiting[i];
                if (!rotations.Contains(one))
                    continue;
                var missing = facts[node.Name].Select(answer => (answer.Endpoint, Left: EndpointVerdict.Left(answer, one.Phase, one.IsCrossed)))
                    .Where(pair => pair.Left is not null).Select(pair => $"{pair.Endpoint} {pair.Left}").ToList();
                if (wasReached && (missing.Count == 0 || _options.Force))
                {
                    Confirm(one, node, missing);
                    continue;
                }

                if (!left.ContainsKey(i))
                    left[i] = [$"{node}: {(_options.Distribute is null ? "bring its files there and restart" : "restart")} {Programs(files)}"];
                left[i].AddRange(missing);
            }
        }

        return [.. left.Values.SelectMany(lines => lines)];
    }

    private void Confirm(RunningRotation rotation, ClusterNode node, IReadOnlyList<string> missing)
    {
        _warnings.AddRange(missing.Select(text => $"taken as done: {text}"));
        rotation.Enter(rotation.Rotation.State.Confirm(node.Name));
    }

    /// <summary>Brings a node its files and has its programs take them, as far as options say how.</summary>
    private async Task<string?> TellAsync(ClusterNode node, List<PlannedFile> files, CancellationToken cancellationToken)
    {
        if (_options.Distribute is { } distribute && await distribute(node, cancellationToken) is { } failure)
            return failure;
        if (_options.Reload is not { } reload)
            return null;
        return await reload.RunAsync(
            new(node, NamesOf(files), [.. files.Select(file => file.Path)], _folder.RootOf(node)), _options.Progress, _clock, cancellationToken);
    }

    private static IReadOnlyList<string> NamesOf(IEnumerable<PlannedFile> files) => [.. files.Select(file => file.Content switch
    {
        AuthorityBundle content => content.Authority.Name,
        AuthorityCertificate content => content.Authority.Name,
        AuthorityKey content => content.Authority.Name,
        var content => NodeFiles.CertificateOf(content)?.Name ?? ClusterRotation.ServiceAccounts,
    }).Distinct()];

    private static string Programs(IReadOnlyList<PlannedFile> files) =>
        RestartTable.Of(files) is [_, ..] programs ? string.Join(", ", programs) : "nothing";

    /// <summary>A node whose files are as its phase asks; whether an earlier run had written them already.</summary>
    private readonly record struct ChangedNode(ClusterNode Node, List<RunningRotation> Rotations, List<PlannedFile> Files, bool WasReached);
}
