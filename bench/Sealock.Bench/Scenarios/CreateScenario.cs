// SPDX-License-Identifier: Apache-2.0
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>Creates small ConfigMaps. Sealock answers when the object is on the disk; etcd as it is told.</summary>
internal sealed class CreateScenario(string name, string title, Aim? aim) : Scenario(name)
{
    private const int Connections = 32;
    private const string Namespace = "bench-create";
    private readonly Metric _metric = new(title, "/s", aim);

    public bool EtcdSyncs { get; init; }

    public override Field Field => EtcdSyncs ? Field.SyncedKubernetes : Field.Kubernetes;

    public override async Task PrepareAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        await Furnishing.CreateNamespaceAsync(target, Namespace, cancellationToken);
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

    private static Task<Load.Result> RunAsync(Target target, TimeSpan window, CancellationToken cancellationToken)
    {
        var run = Guid.NewGuid().ToString("n")[..10];
        return Load.RunAsync(
            target,
            Connections,
            withCertificate: false,
            window,
            (connection, number) => RequestText.Of(
                "POST", $"/api/v1/namespaces/{Namespace}/configmaps", Target.UserToken, ObjectFilling.ConfigMap($"{run}-{connection}-{number}")),
            cancellationToken);
    }
}
