// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sealock.Bench.Hostile.Attacks;

namespace Sealock.Bench.Hostile;

/// <summary>
/// An attacker in a process of its own, so that what it computes and collects stands in nobody else's way but by the processor. It
/// attacks until its input ends.
/// </summary>
internal sealed class AttackProcess : IDisposable
{
    /// <summary>What the command line calls it.</summary>
    public const string Command = "attack";

    private readonly Process _process;

    private AttackProcess(Process process) => _process = process;

    /// <summary>Starts an attack; returns when it has opened its connections, or has had the time to.</summary>
    public static async Task<AttackProcess> StartAsync(Attack attack, Victim victim, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            Environment.ProcessPath!,
            [typeof(AttackProcess).Assembly.Location, Command, attack.Name, $"{victim.Server}", $"{victim.From}", victim.Token, victim.Path])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        var process = new AttackProcess(Process.Start(start)!);
        return await process._process.StandardOutput.ReadLineAsync(cancellationToken) is null
            ? throw new InvalidOperationException($"the attacker \"{attack.Name}\" did not start")
            : process;
    }

    /// <summary>What it has done so far.</summary>
    public async Task<Progress> ProgressAsync(CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(ReadOnlyMemory<char>.Empty, cancellationToken);
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("the attacker has ended");
        var counts = line.Split(' ').Select(count => long.Parse(count, CultureInfo.InvariantCulture)).ToArray();
        return new Progress(counts[0], counts[1], counts[2]);
    }

    /// <summary>Ends it.</summary>
    public async Task StopAsync()
    {
        _process.StandardInput.Close();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        try
        {
            await _process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }
    }

    public void Dispose() => _process.Dispose();

    /// <summary>The attacker's own side.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        var attack = Arsenal.All().First(attack => attack.Name == arguments[1]);
        var victim = new Victim(IPEndPoint.Parse(arguments[2]), IPAddress.Parse(arguments[3]), arguments[4], arguments[5]);
        var tally = new Tally();
        using var stop = new CancellationTokenSource();
        var attacking = attack.RunAsync(victim, tally, stop.Token);
        var begin = Stopwatch.GetTimestamp();
        var patience = TimeSpan.FromSeconds(1.5 + (1.2 * attack.Strength.Connections / attack.OpenedPerSecond));
        while (tally.Opened < attack.Strength.Connections && Stopwatch.GetElapsedTime(begin) < patience)
            await Task.Delay(20);
        await Task.Delay(500);
        Console.WriteLine("attacking");
        while (await Console.In.ReadLineAsync() is not null)
            Console.WriteLine($"{tally.Done} {tally.Opened} {tally.Closed}");
        await stop.CancelAsync();
        await attacking;
        return 0;
    }

    /// <summary>What an attacker has done so far.</summary>
    internal readonly record struct Progress(long Done, long Opened, long Closed)
    {
        public static Progress operator -(Progress now, Progress before) =>
            new(now.Done - before.Done, now.Opened - before.Opened, now.Closed - before.Closed);
    }
}
