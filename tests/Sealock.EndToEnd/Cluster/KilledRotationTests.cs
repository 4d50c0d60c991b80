// SPDX-License-Identifier: Apache-2.0
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Cluster;

/// <summary>Rotations of which the tool is killed while clients ask.</summary>
public sealed class KilledRotationTests(ITestOutputHelper output) : RotationUnderLoad
{
    [PeerFact("etcd", "etcdctl", "nginx", "curl", "flock")]
    public async Task A_rotation_that_is_killed_anywhere_is_gone_on_with_to_its_end()
    {
        var wanted = Setting("SEALOCK_ROTATION_KILLS", 3);
        var authorities = wanted > 3 ? Authorities : Authorities[1..];
        await using var rig = await RotationRig.StartAsync();
        await using var loops = new RequestLoops();
        StartCurrent(rig, loops);
        var kills = new KilledRotations(rig, new Random(Setting("SEALOCK_SEED", 1)), mostInPhase: wanted > 3 ? 5 : 1);
        foreach (var authority in authorities)
            await kills.MeasureAsync(authority, Phases);
        while (kills.Count < wanted)
        {
            StartOld(rig, loops, await rig.KeepClientFilesAsync("old"));
            var authority = authorities[kills.Rotations % authorities.Length];
            foreach (var phase in Phases)
            {
                if (phase == "withdraw")
                    await loops.StopAsync("old");
                await kills.RunAsync(authority, phase, wanted - kills.Count);
                Assert.Equal(phase, rig.PhaseOf(authority));
            }

            kills.Rotations++;
        }

        await loops.StopAsync();
        output.WriteLine(kills.Describe());
        output.WriteLine(loops.Describe());
        Assert.Empty(loops.Failures);
    }
}
