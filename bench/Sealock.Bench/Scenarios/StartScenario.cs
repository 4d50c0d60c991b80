// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>From the start of the process to the first <c>/readyz</c> that says so: in an empty folder, and again.</summary>
internal sealed class StartScenario() : Scenario("start")
{
    private static readonly Metric First = new("start in an empty folder", "s");
    private static readonly Metric Second = new("second start", "s", new Aim(AtMost: 1));

    public override bool NeedsFreshServers => true;

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        var first = await target.StartAsync(cancellationToken);
        await target.StopAsync();
        var second = await target.StartAsync(cancellationToken);
        return [new Reading(First, first.TotalSeconds), new Reading(Second, second.TotalSeconds)];
    }
}
