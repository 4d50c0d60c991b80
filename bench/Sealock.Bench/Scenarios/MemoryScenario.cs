// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>
/// Resident memory of all processes of a server: after its second start, left alone, and with 10,000 Secrets of 1 KiB
/// that were just created. And what it computes while nobody asks anything.
/// </summary>
internal sealed class MemoryScenario() : Scenario("memory")
{
    private const int Secrets = 10_000;
    private static readonly Metric Idle = new("memory, idle", "MB", new Aim(AtMost: 120));
    private static readonly Metric Filled = new("memory, 10,000 secrets", "MB");
    private static readonly Metric IdleCpu = new("processor, idle", "% of a core");

    public override bool NeedsFreshServers => true;

    public override int MostRounds => 1;

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await target.StartAsync(cancellationToken);
        await Furnishing.FurnishAsync(target, cancellationToken);
        await Furnishing.CreateNamespaceAsync(target, "bench-secrets", cancellationToken);
        await target.StopAsync();
        await target.StartAsync(cancellationToken);
        await Task.Delay(pace.Settle, cancellationToken);
        var idle = Memory(Idle, target);
        var before = target.Usage();
        await Task.Delay(pace.Settle, cancellationToken);
        var cpu = new Reading(IdleCpu, 100 * (target.Usage().CpuSeconds - before.CpuSeconds) / pace.Settle.TotalSeconds);

        var data = Convert.ToBase64String(RandomNumberGenerator.GetBytes(1024));
        await ObjectFilling.CreateAsync(target, "/api/v1/namespaces/bench-secrets/secrets", Secrets, Body, cancellationToken);
        await Task.Delay(pace.Settle, cancellationToken);
        return [idle, Memory(Filled, target), cpu];

        string Body(int number) =>
            $$$"""{"apiVersion":"v1","kind":"Secret","metadata":{"name":"s-{{{number}}}"},"data":{"value":"{{{data}}}"}}""";
    }

    private static Reading Memory(Metric metric, Target target)
    {
        var parts = target.Processes.Select(process => (process.Key, Bytes: Usage.Resident(process.Value))).ToArray();
        var note = parts.Length < 2 ? "" : string.Join(", ", parts.Select(part => string.Create(
            CultureInfo.InvariantCulture, $"{part.Key} {part.Bytes / 1e6:0}")));
        return new Reading(metric, parts.Sum(part => part.Bytes) / 1e6, null, note);
    }
}
