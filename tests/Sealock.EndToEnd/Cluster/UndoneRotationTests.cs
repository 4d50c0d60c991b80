// SPDX-License-Identifier: Apache-2.0
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Cluster;

/// <summary>Rotations that are undone while clients ask.</summary>
public sealed class UndoneRotationTests(ITestOutputHelper output) : RotationUnderLoad
{
    [PeerFact("etcd", "etcdctl", "nginx", "curl", "flock")]
    public async Task Every_phase_can_be_undone_and_clients_old_and_new_go_on()
    {
        await using var rig = await RotationRig.StartAsync();
        await using var loops = new RequestLoops();
        var old = await rig.KeepClientFilesAsync("old");
        StartCurrent(rig, loops);
        var undone = 0;
        foreach (var authority in Authorities.Skip(Setting("SEALOCK_ROTATIONS", 1) > 1 ? 0 : 1))
        {
            for (var depth = 1; depth <= Phases.Length; depth++)
            {
                StartOld(rig, loops, old);
                foreach (var phase in Phases.Take(depth))
                {
                    if (phase == "withdraw")
                        await loops.StopAsync("old");
                    (await rig.RotateAsync(authority, "--phase", phase)).Succeeded();
                }

                for (var at = depth; at > 0; at--)
                {
                    (await rig.RotateAsync("undo", authority)).Succeeded();
                    undone++;
                    Assert.Equal(at == 1 ? null : Phases[at - 2], rig.PhaseOf(authority));
                    if (at == Phases.Length)
                        StartOld(rig, loops, old);
                }

                await loops.StopAsync("old");
            }
        }

        await loops.StopAsync();
        output.WriteLine($"{undone} undos");
        output.WriteLine(loops.Describe());
        Assert.Empty(loops.Failures);
    }
}
