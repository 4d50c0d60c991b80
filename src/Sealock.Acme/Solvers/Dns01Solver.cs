// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Challenges;
using Sealock.Acme.Dns;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Solvers;

/// <summary>How DNS-01 answers are looked after.</summary>
public sealed record Dns01Options
{
    /// <summary>How long authoritative servers may take to have a new value.</summary>
    public TimeSpan PropagationLimit { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often they are asked.</summary>
    public TimeSpan PropagationPoll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Whether they are asked at all; without it the answer counts as in place once the provider has taken it.</summary>
    public bool WaitForPropagation { get; init; } = true;
}

/// <summary>
/// Answers DNS-01 challenges through a provider, and waits until every authoritative server has the answer. An alias at
/// <c>_acme-challenge</c> is followed, so that a zone can leave its validation to another.
/// </summary>
/// <param name="provider">Changes the records.</param>
/// <param name="resolver">Follows aliases and asks authoritative servers.</param>
/// <param name="zones">Finds authoritative servers.</param>
/// <param name="clock">The clock.</param>
/// <param name="options">Null for the defaults.</param>
public sealed class Dns01Solver(
    IDnsProvider provider, DnsResolver resolver, DnsZones zones, TimeProvider clock, Dns01Options? options = null) : IChallengeSolver
{
    private readonly Dns01Options _options = options ?? new();
    private readonly TxtPropagation _propagation = new(resolver, zones);

    /// <inheritdoc/>
    public string Type => ChallengeTypes.Dns01;

    /// <inheritdoc/>
    public async Task<string?> PresentAsync(ChallengeTask task, CancellationToken cancellationToken)
    {
        var value = await ValueAsync(task, cancellationToken);
        if (await provider.AddAsync(value, cancellationToken) is { } problem)
            return problem;
        if (!_options.WaitForPropagation)
            return null;
        var until = clock.GetUtcNow() + _options.PropagationLimit;
        while (await _propagation.MissingAsync(value.Name, value.Value, cancellationToken) is { } missing)
        {
            if (clock.GetUtcNow() >= until)
                return $"the TXT record of {value.Name} is not everywhere after {_options.PropagationLimit.TotalSeconds:0} s: {missing}; look after the zone's servers, or do not wait for them";
            await Task.Delay(_options.PropagationPoll, clock, cancellationToken);
        }

        return null;
    }

    /// <inheritdoc/>
    public async Task<string?> CleanUpAsync(ChallengeTask task, CancellationToken cancellationToken) =>
        await provider.RemoveAsync(await ValueAsync(task, cancellationToken), cancellationToken);

    private async Task<TxtValue> ValueAsync(ChallengeTask task, CancellationToken cancellationToken)
    {
        var answer = Dns01Answer.Create(task.Key, task.Authorization.Identifier, task.Challenge);
        var lookup = await resolver.LookUpAsync(answer.Name, DnsType.Txt, cancellationToken);
        var name = lookup.CanonicalName.Length > 0 ? lookup.CanonicalName : answer.Name;
        return new(task.Authorization.Identifier.BaseName, name, answer.Value);
    }
}
