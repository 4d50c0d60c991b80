// SPDX-License-Identifier: Apache-2.0
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Cluster;

/// <summary>Rotations from beginning to end while clients ask.</summary>
public sealed class RotationTests(ITestOutputHelper output) : RotationUnderLoad
{
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
}
