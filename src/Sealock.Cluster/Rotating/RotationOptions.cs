// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Rotating;

/// <summary>How a rotation is run.</summary>
public sealed record RotationOptions
{
    /// <summary>Brings a node's files to it; null: the reload command does, or somebody by hand. Answers null, or what went wrong.</summary>
    public Func<ClusterNode, CancellationToken, Task<string?>>? Distribute { get; init; }

    /// <summary>Makes a node's programs take the files; null: by hand.</summary>
    public ReloadCommand? Reload { get; init; }

    /// <summary>The endpoints that are asked for proof; see <see cref="EndpointTable"/>.</summary>
    public IReadOnlyList<ClusterEndpoint> Endpoints { get; init; } = [];

    /// <summary>How long an endpoint may take until it shows what the phase asks for.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>For one question to an endpoint.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Goes on although proofs are missing.</summary>
    public bool Force { get; init; }

    /// <summary>For encrypted CA keys.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Leaves keep their keys.</summary>
    public bool ReuseKeys { get; init; }

    /// <summary>
    /// How long a service account token may be valid: bound tokens are extended to a year by kube-apiserver
    /// (<c>--service-account-extend-token-expiration</c>, on by default).
    /// </summary>
    public TimeSpan TokenLifetime { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Is told what happens, line by line.</summary>
    public Action<string> Progress { get; init; } = _ => { };

    /// <summary>Replaces the root above an intermediate CA, too.</summary>
    public bool WithRoot { get; init; }

    /// <summary>True where somebody has to restart programs himself.</summary>
    public bool ByHand => Reload is null;
}

/// <summary>How a run ended.</summary>
public sealed record RotationOutcome
{
    /// <summary>True where all that was asked for is done.</summary>
    public bool Done => Blockers.Count == 0 && ToDo.Count == 0;

    /// <summary>What was found in the way, each in plain words.</summary>
    public IReadOnlyList<string> Blockers { get; init; } = [];

    /// <summary>What somebody has to do before it goes on; empty where nothing.</summary>
    public IReadOnlyList<string> ToDo { get; init; } = [];

    /// <summary>What was done although something stood in the way, and what that breaks.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    /// <summary>The rotations as they are now.</summary>
    public IReadOnlyList<ClusterRotation> Rotations { get; init; } = [];
}
