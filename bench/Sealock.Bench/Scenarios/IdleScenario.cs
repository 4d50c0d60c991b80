// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Native;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>What 5,000 open connections over TLS add to a server's resident memory, before and after each has had an answer.</summary>
internal sealed class IdleScenario() : Scenario("front-idle")
{
    private const int Connections = 5_000;
    private const int Threads = 8;

    private static readonly Metric Fresh = new("memory of an idle connection", "KB", new Aim(Ratios: new RatioAim("bare", AtMost: 1.2)));
    private static readonly Metric Used = new("the same after a GET on each", "KB", new Aim(Ratios: new RatioAim("bare", AtMost: 1.2)));

    public override string Family => "front";

    public override Field Field => Field.FrontDoors;

    public override bool NeedsFreshServers => true;

    public override int MostRounds => 1;

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await target.StartAsync(cancellationToken);
        await target.FurnishAsync(cancellationToken);
        await GetScenario.FillAsync(target, cancellationToken);
        using var client = new NativeClient(target.Address, identity: null);
        var connections = new List<NativeConnection>();
        try
        {
            // A few first: code that is needed once is no connection's cost.
            await OpenAsync(client, connections, Connections / 10);
            await AskAsync(connections);
            Close(connections);
            await Task.Delay(pace.Settle, cancellationToken);
            var before = target.Usage().ResidentBytes;
            await OpenAsync(client, connections, Connections);
            await Task.Delay(pace.Settle, cancellationToken);
            var open = target.Usage().ResidentBytes;
            await AskAsync(connections);
            await Task.Delay(pace.Settle, cancellationToken);
            var used = target.Usage().ResidentBytes;
            return [Of(Fresh, open - before), Of(Used, used - before)];
        }
        finally
        {
            Close(connections);
        }
    }

    private static Reading Of(Metric metric, long bytes) => new(metric, bytes / 1e3 / Connections);

    private static Task OpenAsync(NativeClient client, List<NativeConnection> connections, int count) => NativeLoad.OnThreadsAsync(Threads, _ =>
    {
        for (var i = 0; i < count / Threads; i++)
        {
            var one = client.Connect();
            lock (connections)
                connections.Add(one);
        }
    });

    private static async Task AskAsync(List<NativeConnection> connections)
    {
        var request = RequestText.Of("GET", GetScenario.Path, Target.UserToken);
        await NativeLoad.OnThreadsAsync(Threads, number =>
        {
            var buffer = new byte[16 * 1024];
            for (var i = number; i < connections.Count; i += Threads)
            {
                if (connections[i].Send(request, buffer) is not 200 and var status)
                    throw new InvalidOperationException($"the server answered {status}");
            }
        });
    }

    private static void Close(List<NativeConnection> connections)
    {
        connections.ForEach(one => one.Dispose());
        connections.Clear();
    }
}
