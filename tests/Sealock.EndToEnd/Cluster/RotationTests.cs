// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// Rotations under load, against real etcd and nginx. SEALOCK_ROTATIONS sets how many there are of each CA (1 by default),
/// SEALOCK_ROTATION_KILLS how often the tool is killed (3 by default, while the cluster's CA is rotated);
/// eng/long/rotate.sh makes it 20 and 100, of both CAs.
/// </summary>
public sealed class RotationTests(ITestOutputHelper output)
{
    private static readonly string[] Authorities = ["etcd-ca", "ca"];
    private static readonly string[] Phases = ["trust", "reissue", "withdraw"];

    [PeerFact("etcd", "etcdctl", "nginx", "curl", "flock")]
    public async Task No_client_notices_a_rotation_before_the_old_ca_is_withdrawn_and_none_with_the_new_trust_after()
    {
        await using var rig = await RotationRig.StartAsync();
        await using var loops = new RequestLoops();
        StartCurrent(rig, loops);
        for (var i = 0; i < Setting("SEALOCK_ROTATIONS", 1); i++)
        {
            var old = await rig.KeepClientFilesAsync("old");
            StartOld(rig, loops, old);
            foreach (var phase in Phases)
            {
                if (phase == "withdraw")
                    await loops.StopAsync("old");
                foreach (var authority in Authorities)
                    (await rig.RotateAsync(authority, "--phase", phase)).Succeeded();
            }

            Assert.NotEqual(0, (await rig.AskNginxAsync(old)).ExitCode);
            Assert.NotEqual(0, (await rig.AskEtcdAsync(old, 0)).ExitCode);
        }

        await loops.StopAsync();
        output.WriteLine($"{Setting("SEALOCK_ROTATIONS", 1)} rotations of the etcd CA and of the cluster CA");
        output.WriteLine(loops.Describe());
        Assert.Empty(loops.Failures);
    }

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

    private static void StartCurrent(RotationRig rig, RequestLoops loops)
    {
        loops.Start("current files, nginx", 1, _ => rig.AskNginxAsync(rig.Current));
        loops.Start("current files, etcd", 3, number => rig.AskEtcdAsync(rig.Current, number));
    }

    private static void StartOld(RotationRig rig, RequestLoops loops, string old)
    {
        loops.Start("old files, nginx", 1, _ => rig.AskNginxAsync(old));
        loops.Start("old files, etcd", 3, number => rig.AskEtcdAsync(old, number));
    }

    private static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
