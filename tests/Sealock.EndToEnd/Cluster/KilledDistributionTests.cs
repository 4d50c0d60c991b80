// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Cluster;

/// <summary><c>sealock pki distribute</c>, killed, or its connections.</summary>
public sealed class KilledDistributionTests : ThreeNodes
{
    /// <summary>SEALOCK_DISTRIBUTE_KILLS sets how many times (default: 4).</summary>
    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task Whatever_is_killed_midway_the_next_run_completes()
    {
        await StartAsync();
        (await DistributeAsync()).Succeeded();
        var times = int.Parse(Environment.GetEnvironmentVariable("SEALOCK_DISTRIBUTE_KILLS") ?? "4", CultureInfo.InvariantCulture);
        var random = new Random(times);
        for (var i = 0; i < times; i++)
        {
            foreach (var node in Nodes)
            {
                foreach (var file in Directory.GetFiles(Path.Combine(Set, "nodes", node.Name), "*.crt", SearchOption.AllDirectories))
                    await File.AppendAllTextAsync(file, $"# {i}\n");
            }

            var after = TimeSpan.FromMilliseconds(random.Next(250, 1500));
            if (i % 2 == 0)
            {
                await SealockProcess.KillWhileRunningAsync(after, Arguments());
            }
            else
            {
                var run = DistributeAsync();
                await Task.Delay(after);
                await Nodes[i % 3].CutAsync();
                await run;
            }

            (await DistributeAsync()).Succeeded();
            foreach (var node in Nodes)
                await AssertArrivedAsync(node);
        }

        Assert.Contains("nothing has changed", (await DistributeAsync()).Succeeded(), StringComparison.Ordinal);
        foreach (var node in Nodes)
        {
            Assert.DoesNotContain(
                Directory.GetFileSystemEntries(node["var/lib/sealock/distribute"]).Select(Path.GetFileName),
                name => name is "journal" or "undo" || name?.StartsWith("stage-", StringComparison.Ordinal) == true);
        }
    }
}
