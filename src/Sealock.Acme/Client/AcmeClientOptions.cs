// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Client;

/// <summary>How a client behaves towards its server.</summary>
public sealed record AcmeClientOptions
{
    /// <summary>The largest answer that is read, in bytes; certificate chains have the same limit.</summary>
    public int MaxAnswer { get; init; } = 1 << 20;

    /// <summary>How long one exchange may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long one call may wait in all because the server asked it to (429, 503, Retry-After). A longer wait is not begun: the
    /// call ends at once, with the instant of the next try in its failure.
    /// </summary>
    public TimeSpan WaitBudget { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How often a request is sent again because its nonce was not accepted.</summary>
    public int NonceTries { get; init; } = 20;

    /// <summary>Who asks; servers want to know the program and its version.</summary>
    public string UserAgent { get; init; } = "sealock";

    /// <summary>Gives numbers from 0 up to 1, which short waits are spread by.</summary>
    public Func<double> Jitter { get; init; } = Random.Shared.NextDouble;
}
