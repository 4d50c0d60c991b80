// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// Rotations under load, against real etcd and nginx. SEALOCK_ROTATIONS sets how many there are of each CA (1 by default),
/// SEALOCK_ROTATION_KILLS how often the tool is killed (3 by default, while the cluster's CA is rotated);
/// eng/long/rotate.sh makes it 20 and 100, of both CAs.
/// </summary>
public abstract class RotationUnderLoad
{
    private protected static readonly string[] Authorities = ["etcd-ca", "ca"];
    private protected static readonly string[] Phases = ["trust", "reissue", "withdraw"];

    private protected static void StartCurrent(RotationRig rig, RequestLoops loops)
    {
        loops.Start("current files, nginx", 1, _ => rig.AskNginxAsync(rig.Current));
        loops.Start("current files, etcd", 3, number => rig.AskEtcdAsync(rig.Current, number));
    }

    private protected static void StartOld(RotationRig rig, RequestLoops loops, string old)
    {
        loops.Start("old files, nginx", 1, _ => rig.AskNginxAsync(old));
        loops.Start("old files, etcd", 3, number => rig.AskEtcdAsync(old, number));
    }

    private protected static int Setting(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var set) ? set : otherwise;
}
