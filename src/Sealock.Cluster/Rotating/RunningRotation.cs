// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Sets;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>A rotation in hand: its state, its keys, and who asks its endpoints. Every change is stored at once.</summary>
internal sealed class RunningRotation : IDisposable
{
    private readonly SetFolder _folder;
    private readonly TimeProvider _clock;
    private readonly EndpointWitness? _witness;
    private readonly IReadOnlyList<ClusterEndpoint> _endpoints;

    public RunningRotation(SetFolder folder, ClusterRotation rotation, RotationOptions options, TimeProvider clock)
    {
        (_folder, _clock, Rotation) = (folder, clock, rotation);
        Keys = RotationKeys.Read(folder, rotation.Subject, options.Passphrase);
        if (rotation.Authority is not { } authority)
        {
            _endpoints = [];
            return;
        }

        _witness = new(authority, Keys.Old, Keys.New, clock, options.Timeout);
        _endpoints = [.. options.Endpoints.Where(endpoint => endpoint.Certificate.Authority.Name == rotation.Subject)];
    }

    public ClusterRotation Rotation { get; private set; }

    public RotationKeys Keys { get; }

    public string Subject => Rotation.Subject;

    public RotationPhase Phase => Rotation.Phase;

    public bool IsCrossed => Rotation.Authority is { Cross.Count: > 0 };

    /// <summary>Stores the next state.</summary>
    public void Enter(RotationState state)
    {
        Rotation = Rotation.With(state, _clock.GetUtcNow());
        RotationFile.Write(_folder, Rotation);
    }

    /// <summary>Stores that a node is about to be changed.</summary>
    /// <returns>False where an earlier run had stored it.</returns>
    public bool Begin(string node)
    {
        if (Rotation.State.Members[node].Contains(Phase))
            return false;
        Enter(Rotation.State.Begin(node));
        return true;
    }

    public bool HasLeft(string node) => Rotation.State.Left.Contains(node);

    /// <summary>The endpoints of a node that can prove something of this rotation.</summary>
    public IEnumerable<ClusterEndpoint> EndpointsOf(string node) => _endpoints.Where(endpoint => endpoint.Node.Name == node);

    /// <summary>Asks some endpoints; a rotation of a key has none.</summary>
    public async Task<IReadOnlyList<EndpointFacts>> AskAsync(IReadOnlyList<ClusterEndpoint> endpoints, CancellationToken cancellationToken) =>
        _witness is null ? [] : await _witness.AskAsync(endpoints, cancellationToken);

    /// <summary>Asks all endpoints.</summary>
    public Task<IReadOnlyList<EndpointFacts>> AskAllAsync(CancellationToken cancellationToken) => AskAsync(_endpoints, cancellationToken);

    /// <summary>Asks a node's endpoints until all prove the phase, or the time is over.</summary>
    /// <returns>What is missing, in plain words; empty where all is proven.</returns>
    public async Task<IReadOnlyList<string>> ProveAsync(string node, TimeSpan wait, CancellationToken cancellationToken)
    {
        var until = _clock.GetUtcNow() + wait;
        var open = EndpointsOf(node).ToList();
        while (true)
        {
            var missing = new List<(ClusterEndpoint Endpoint, string Left)>();
            foreach (var facts in await AskAsync(open, cancellationToken))
            {
                if (EndpointVerdict.Left(facts, Phase, IsCrossed) is { } left)
                    missing.Add((facts.Endpoint, left));
            }

            if (missing.Count == 0 || _clock.GetUtcNow() >= until)
                return [.. missing.Select(pair => $"{pair.Endpoint} {pair.Left}")];
            open = [.. missing.Select(pair => pair.Endpoint)];
            await Task.Delay(TimeSpan.FromMilliseconds(200), _clock, cancellationToken);
        }
    }

    /// <summary>Ends it: the copies of the keys and the state are deleted. What stands of the set is complete without.</summary>
    public void End()
    {
        // The state first: whoever finds it must find the keys, too. Keys without a state are replaced by the next beginning.
        RotationFile.Delete(_folder, Subject);
        RotationKeys.Delete(_folder, Subject);
    }

    public void Dispose()
    {
        _witness?.Dispose();
        Keys.Dispose();
    }
}
