// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Acme.Views;

namespace Sealock.Controllers.Acme.Solvers;

/// <summary>Puts answers to Challenges in place. All of it may be repeated, and is used concurrently.</summary>
internal interface IPresenter
{
    /// <summary>Whether nothing is there but the Challenge itself, so that nothing has to be taken away.</summary>
    bool LeavesNothing { get; }

    /// <summary>Puts the answer in place; null where that is done, else why not, in one line.</summary>
    ValueTask<string?> PresentAsync(ChallengeView challenge, CancellationToken cancellationToken);

    /// <summary>Whether it is to be seen from here; null where it is, else what is missing, in one line. Never waits.</summary>
    ValueTask<string?> CheckAsync(ChallengeView challenge, CancellationToken cancellationToken);

    /// <summary>Takes the answer away; null where that is done, else what stays behind, in one line.</summary>
    ValueTask<string?> CleanUpAsync(ChallengeView challenge, CancellationToken cancellationToken);
}

/// <summary>
/// Answers that our own listener gives from the stored Challenges: storing one puts it in place, and there is nothing to look for.
/// </summary>
internal sealed class OwnListener : IPresenter
{
    public static OwnListener Instance { get; } = new();

    public bool LeavesNothing => true;

    public ValueTask<string?> PresentAsync(ChallengeView challenge, CancellationToken cancellationToken) => default;

    public ValueTask<string?> CheckAsync(ChallengeView challenge, CancellationToken cancellationToken) => default;

    public ValueTask<string?> CleanUpAsync(ChallengeView challenge, CancellationToken cancellationToken) => default;
}
