// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Rotating;

/// <summary>What an endpoint showed, and what is left to do there.</summary>
/// <param name="Facts">What it showed.</param>
/// <param name="Left">What is left, in plain words; null where it proves the phase.</param>
public sealed record EndpointStatus(EndpointFacts Facts, string? Left);

/// <summary>How far a rotation is, with the proof of every endpoint.</summary>
public sealed record RotationStatus
{
    /// <summary>The rotation as stored.</summary>
    public required ClusterRotation Rotation { get; init; }

    /// <summary>The endpoints, asked just now.</summary>
    public required IReadOnlyList<EndpointStatus> Endpoints { get; init; }

    /// <summary>What would keep the old CA or key from being withdrawn now; empty in and after that phase.</summary>
    public required IReadOnlyList<string> NeedOld { get; init; }

    /// <summary>The state of every rotation of a set. Changes nothing and takes no lock.</summary>
    /// <exception cref="RotationException">A state file is damaged.</exception>
    public static async Task<IReadOnlyList<RotationStatus>> ReadAsync(
        ClusterPlan plan, SetFolder folder, RotationOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var found = new List<RotationStatus>();
        StandingSet? standing = null;
        foreach (var subject in Rotator.SubjectsOf(plan))
        {
            if (RotationFile.Read(folder, subject) is not { } rotation)
                continue;
            standing ??= StandingSet.Read(plan, folder, cancellationToken);
            var facts = rotation.Authority is { } authority
                ? await AskAsync(folder, authority, subject, options, clock, cancellationToken)
                : [];
            found.Add(new()
            {
                Rotation = rotation,
                Endpoints = [.. facts.Select(one => new EndpointStatus(one, EndpointVerdict.Left(one, rotation.Phase, rotation.Authority is { Cross.Count: > 0 })))],
                NeedOld = rotation.Phase is RotationPhase.Trust or RotationPhase.Reissue
                    ? WithdrawGuard.Blockers(rotation, standing, facts, clock.GetUtcNow())
                    : [],
            });
        }

        return found;
    }

    private static async Task<IReadOnlyList<EndpointFacts>> AskAsync(
        SetFolder folder, AuthorityRotation authority, string subject, RotationOptions options, TimeProvider clock, CancellationToken cancellationToken)
    {
        var endpoints = options.Endpoints.Where(endpoint => endpoint.Certificate.Authority.Name == subject).ToList();
        using var keys = TryRead(folder, subject, options.Passphrase);
        using var witness = new EndpointWitness(authority, keys?.Old, keys?.New, clock, options.Timeout);
        return await witness.AskAsync(endpoints, cancellationToken);
    }

    /// <summary>Without the passphrase, client certificates cannot be made; what is served can be told all the same.</summary>
    private static RotationKeys? TryRead(SetFolder folder, string subject, string? passphrase)
    {
        try
        {
            return RotationKeys.Read(folder, subject, passphrase);
        }
        catch (RotationException)
        {
            return null;
        }
    }
}
