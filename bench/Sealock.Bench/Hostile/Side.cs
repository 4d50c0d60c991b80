// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Hostile.Attacks;
using Sealock.Bench.Measuring;

namespace Sealock.Bench.Hostile;

/// <summary>One of the two servers under attack.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Users">Its users.</param>
/// <param name="Victim">How it is attacked.</param>
/// <param name="Processes">Its processes.</param>
internal sealed record Side(string Name, Users Users, Victim Victim, Func<IEnumerable<int>> Processes)
{
    private static readonly TimeSpan Quiet = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(1.5);

    /// <summary>One round: without attack, under it, and a moment afterwards.</summary>
    public async Task<Round> MeasureAsync(Attack attack, TimeSpan window, CancellationToken cancellationToken)
    {
        var quiet = await Users.AskAsync(Quiet, cancellationToken);
        var before = Usage.Of(Processes()).ResidentBytes;
        using var attacker = await AttackProcess.StartAsync(attack, Victim, cancellationToken);
        try
        {
            // A server's code for what it has not met before may be compiled while it runs: that is over after the first moments.
            await Users.AskAsync(Lead, cancellationToken);
            var (began, cpu) = (await attacker.ProgressAsync(cancellationToken), Usage.Of(Processes()).CpuSeconds);
            using var watching = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var peak = PeakAsync(watching.Token);
            var under = await Users.AskAsync(window, cancellationToken);
            await watching.CancelAsync();
            var (done, used) = (await attacker.ProgressAsync(cancellationToken) - began, Usage.Of(Processes()).CpuSeconds - cpu);
            await attacker.StopAsync();
            await Task.Delay(Settle, cancellationToken);
            return new Round(quiet, under, done, window, used, before, await peak, Usage.Of(Processes()).ResidentBytes);
        }
        finally
        {
            await attacker.StopAsync();
        }
    }

    private async Task<long> PeakAsync(CancellationToken cancellationToken)
    {
        var peak = 0L;
        while (!cancellationToken.IsCancellationRequested)
        {
            peak = Math.Max(peak, Usage.Of(Processes()).ResidentBytes);
            await Task.Delay(100, CancellationToken.None);
        }

        return peak;
    }
}

/// <summary>What one round on one server showed.</summary>
/// <param name="Quiet">Users' waits without an attack.</param>
/// <param name="Under">Users' waits under it.</param>
/// <param name="Done">What the attacker did meanwhile.</param>
/// <param name="Window">For how long.</param>
/// <param name="CpuSeconds">What the server computed meanwhile, for users and attacker.</param>
/// <param name="Before">Its memory before the attack, in bytes.</param>
/// <param name="Peak">Its largest memory under it.</param>
/// <param name="After">Its memory a moment later.</param>
internal sealed record Round(
    Latencies Quiet, Latencies Under, AttackProcess.Progress Done, TimeSpan Window, double CpuSeconds, long Before, long Peak, long After);
