// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.EndToEnd.Cluster;

/// <summary>
/// Phases of rotations in which the tool is killed at random moments, and gone on with. How long a phase takes on this
/// machine is measured before, so that the moments lie all over it.
/// </summary>
internal sealed class KilledRotations(RotationRig rig, Random random, int mostInPhase)
{
    private readonly Dictionary<string, TimeSpan> _durations = [];
    private readonly SortedDictionary<string, int> _moments = new(StringComparer.Ordinal);

    public int Count { get; private set; }

    public int Rotations { get; set; }

    /// <summary>Runs each phase once without being killed.</summary>
    public async Task MeasureAsync(string authority, IEnumerable<string> phases)
    {
        foreach (var phase in phases)
        {
            var watch = Stopwatch.StartNew();
            (await rig.RotateAsync(authority, "--phase", phase)).Succeeded();
            _durations[authority + phase] = watch.Elapsed;
        }
    }

    /// <summary>Brings a rotation to a phase, killed on the way some times, at most so often.</summary>
    public async Task RunAsync(string authority, string phase, int most)
    {
        var longest = _durations[authority + phase];
        for (var i = 0; i < Math.Min(most, mostInPhase); i++)
        {
            var before = rig.StateOf(authority);
            var ended = await rig.RotateAndKillAsync(longest * (0.25 + (0.75 * random.NextDouble())), authority, "--phase", phase);
            if (ended is not null)
            {
                ended.Succeeded();
                break;
            }

            Count++;
            var after = rig.StateOf(authority);
            var moment = before == after ? "with the same step stored before and after" : $"{phase} with {after.Left} of 3 nodes to go";
            _moments[moment] = _moments.GetValueOrDefault(moment) + 1;
        }

        (await rig.RotateAsync(authority, "--phase", phase)).Succeeded();
    }

    public string Describe() =>
        $"killed {Count} times in {Rotations} rotations, each of which then came to its end; the moments:\n"
        + string.Join('\n', _moments.Select(pair => $"  {pair.Key}: {pair.Value}"));
}
