// SPDX-License-Identifier: Apache-2.0
using System.Security.Authentication;

namespace Sealock.Bench.Hostile.Attacks;

/// <summary>How strong an attacker is.</summary>
/// <param name="Connections">Connections that it keeps at a time.</param>
/// <param name="PerSecond">What it does in a second at most, all connections together.</param>
internal sealed record Strength(int Connections, double PerSecond);

/// <summary>
/// An attacker held to a fixed rate: the same, whoever is attacked. A connection that is closed is opened again, as fast as the rate
/// of new connections allows.
/// </summary>
internal abstract class Attack(string name, string title, string unit, Strength strength)
{
    /// <summary>What the command line calls it.</summary>
    public string Name => name;

    /// <summary>What it is.</summary>
    public string Title => title;

    /// <summary>What its rate counts.</summary>
    public string Unit => unit;

    /// <summary>Its rate.</summary>
    public Strength Strength => strength;

    /// <summary>New connections a second, at most.</summary>
    public virtual double OpenedPerSecond => 250;

    /// <summary>Attacks until it is told to stop.</summary>
    public async Task RunAsync(Victim victim, Tally tally, CancellationToken cancellationToken)
    {
        var opening = new Pacer(OpenedPerSecond);
        var doing = new Pacer(Strength.PerSecond);
        await Task.WhenAll(Enumerable.Range(0, Strength.Connections).Select(number => Task.Run(
            () => KeepAsync(victim, number, opening, doing, tally, cancellationToken), CancellationToken.None)));
    }

    /// <summary>Attacks over one connection, until the server closes it or the attack ends.</summary>
    protected abstract Task AttackAsync(Victim victim, int number, Pacer pacer, Tally tally, CancellationToken cancellationToken);

    private async Task KeepAsync(Victim victim, int number, Pacer opening, Pacer doing, Tally tally, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                await opening.WaitAsync(1, cancellationToken);
                try
                {
                    await AttackAsync(victim, number, doing, tally, cancellationToken);
                }
                catch (Exception end) when (end is IOException or System.Net.Sockets.SocketException or AuthenticationException)
                {
                    // The server had enough of it.
                }

                tally.Ended();
            }
        }
        catch (Exception end) when (end is OperationCanceledException or IOException or ObjectDisposedException && cancellationToken.IsCancellationRequested)
        {
            // The attack is over.
        }
    }
}
