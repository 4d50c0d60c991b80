// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;

namespace Sealock.Acme.Solvers;

/// <summary>A challenge that is to be answered.</summary>
/// <param name="Key">The account's key, which the answer is made with.</param>
/// <param name="Authorization">What it proves.</param>
/// <param name="Challenge">The challenge.</param>
public sealed record ChallengeTask(AccountKey Key, AcmeAuthorization Authorization, AcmeChallenge Challenge);

/// <summary>Puts answers of one type of challenge in place and removes them. May be used concurrently.</summary>
public interface IChallengeSolver
{
    /// <summary>The type, one of <see cref="ChallengeTypes"/>.</summary>
    string Type { get; }

    /// <summary>
    /// Puts the answer in place. Afterwards the CA can see it, as far as that can be known here. Safe to repeat.
    /// </summary>
    /// <returns>Null where it is done, else why not, in one line with the remedy.</returns>
    Task<string?> PresentAsync(ChallengeTask task, CancellationToken cancellationToken);

    /// <summary>Removes the answer, also one that was put in place only in part. Safe to repeat.</summary>
    /// <returns>Null where it is done, else what stays behind, in one line.</returns>
    Task<string?> CleanUpAsync(ChallengeTask task, CancellationToken cancellationToken);
}
