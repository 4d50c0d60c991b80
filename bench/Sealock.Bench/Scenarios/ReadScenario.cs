// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>How the user who is measured proves who it is.</summary>
internal enum Credentials
{
    /// <summary>A bearer token.</summary>
    Token,

    /// <summary>A client certificate.</summary>
    Certificate,
}

/// <summary>The same GET again and again: an object, or a list.</summary>
internal sealed class ReadScenario(string name, string title, string path, Credentials credentials, Aim? aim = null) : Scenario(name)
{
    private readonly Metric _metric = new(title, "/s", aim);

    public int Connections { get; init; } = 16;

    public override async Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        var (space, count) = path.Contains("bench-large", StringComparison.Ordinal) ? ("bench-large", 5_000) : ("bench-small", 10);
        await ObjectFilling.ConfigMapsAsync(target, space, count, cancellationToken);
        await RunAsync(target, pace.Window, cancellationToken);
    }

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await RunAsync(target, pace.WarmUp, cancellationToken);
        var before = target.Usage();
        var result = await RunAsync(target, pace.Window, cancellationToken);
        var cpu = target.Usage().CpuSeconds - before.CpuSeconds;
        return [new Reading(_metric, result.Answered / result.Seconds, result.Answered / cpu)];
    }

    private Task<Load.Result> RunAsync(Target target, TimeSpan window, CancellationToken cancellationToken)
    {
        if (credentials == Credentials.Token && Wrk.IsInstalled)
            return Wrk.RunAsync(target.Url + path, Target.UserToken, Connections, window, cancellationToken);
        var request = RequestText.Of("GET", path, credentials == Credentials.Token ? Target.UserToken : null);
        return Load.RunAsync(target, Connections, credentials == Credentials.Certificate, window, (_, _) => request, cancellationToken);
    }
}
