// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Measuring;
using Sealock.Bench.Scenarios;
using Sealock.Bench.Targets;

namespace Sealock.Bench;

/// <summary>Keeps the servers and measures them in turns: own, peers, own, peers, so that a busy minute hits all.</summary>
internal sealed class Laboratory(Options options, string folder, bool hasPeer, TextWriter progress) : IAsyncDisposable
{
    private readonly Dictionary<Field, IReadOnlyList<Target>> _shared = [];
    private int _made;

    public async Task<IReadOnlyList<Row>> RunAsync(Scenario scenario, CancellationToken cancellationToken)
    {
        var readings = new List<(string Target, Reading Reading)>();
        var rounds = Math.Min(options.Pace.Rounds, scenario.MostRounds);
        var targets = scenario.NeedsFreshServers ? [] : await SharedAsync(scenario.Field, cancellationToken);
        foreach (var target in targets)
            await scenario.PrepareAsync(target, options.Pace, cancellationToken);

        for (var round = 0; round < rounds; round++)
        {
            foreach (var target in scenario.NeedsFreshServers ? Make(scenario.Field) : targets)
            {
                await progress.WriteLineAsync($"{scenario.Name}, round {round + 1} of {rounds}: {target.Name}");
                try
                {
                    var measured = await scenario.MeasureAsync(target, options.Pace, cancellationToken);
                    readings.AddRange(measured.Select(one => (target.Name, one)));
                }
                finally
                {
                    if (scenario.NeedsFreshServers)
                        await target.DisposeAsync();
                }
            }
        }

        return [.. readings.Select(entry => entry.Reading.Metric).Distinct().Select(metric => new Row(
            scenario.Name, metric, Of("sealock", metric), [.. scenario.Field.Peers.Select(peer => Of(peer, metric))]))];

        Column Of(string target, Metric metric) =>
            new(target, [.. readings.Where(entry => entry.Target == target && entry.Reading.Metric == metric).Select(entry => entry.Reading)]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var target in _shared.Values.SelectMany(targets => targets))
            await target.DisposeAsync();
    }

    private async Task<IReadOnlyList<Target>> SharedAsync(Field field, CancellationToken cancellationToken)
    {
        if (_shared.TryGetValue(field, out var targets))
            return targets;

        // Only one field at a time: servers that nobody asks anything use the processors too.
        await DisposeAsync();
        _shared.Clear();
        _shared[field] = targets = [.. Make(field)];
        foreach (var target in targets)
        {
            await target.StartAsync(cancellationToken);
            await target.FurnishAsync(cancellationToken);
        }

        return targets;
    }

    private IEnumerable<Target> Make(Field field) =>
        field.Make(new Workshop(options.Program, options.Bare, options.Scripts, hasPeer, () => Path.Combine(folder, $"server-{_made++}")))
            .Where(target => options.Only.Count == 0 || options.Only.Contains(target.Name));
}
