// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>How thoroughly is measured.</summary>
/// <param name="Rounds">How often each target is measured, in turns with the other.</param>
/// <param name="Window">How long one measurement takes.</param>
/// <param name="Settle">How long a server is left alone before its memory is read.</param>
internal sealed record Pace(int Rounds, TimeSpan Window, TimeSpan Settle)
{
    public static readonly Pace Quick = new(2, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(5));
    public static readonly Pace Full = new(3, TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(8));

    /// <summary>Work before each measurement that is not counted: caches and compiled code are warm in both servers.</summary>
    public TimeSpan WarmUp => Window / 4;
}

/// <summary>One kind of work, done by each target in turn.</summary>
internal abstract class Scenario(string name)
{
    /// <summary>What the command line calls it.</summary>
    public string Name => name;

    /// <summary>What the command line calls it together with others; empty: nothing.</summary>
    public virtual string Family => "";

    /// <summary>Whether each round has servers of its own, in empty folders and not yet started.</summary>
    public virtual bool NeedsFreshServers => false;

    /// <summary>Who is measured.</summary>
    public virtual Field Field => Field.Kubernetes;

    /// <summary>Rounds, where the pace's would be too many.</summary>
    public virtual int MostRounds => int.MaxValue;

    /// <summary>Makes what the work needs; called once for each target that is shared.</summary>
    public virtual Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Measures one round.</summary>
    public abstract Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken);
}
