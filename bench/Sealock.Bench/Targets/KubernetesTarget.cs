// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;

namespace Sealock.Bench.Targets;

/// <summary>
/// A real control plane: etcd, kube-apiserver and kube-controller-manager. Its etcd runs without fsync unless it is
/// asked for, which flatters it.
/// </summary>
internal sealed class KubernetesTarget(string scripts, string folder, int port, bool fsync) : Target("kubernetes", folder, port)
{
    private static readonly string[] Programs = ["kube-apiserver", "etcd", "kube-controller-manager"];
    private bool _started;

    public override IReadOnlyDictionary<string, int> Processes => Programs
        .Select(program => (program, File: Path.Combine(Folder, program + ".pid")))
        .Where(entry => File.Exists(entry.File))
        .ToDictionary(entry => entry.program, entry => int.Parse(File.ReadAllText(entry.File), CultureInfo.InvariantCulture));

    protected override string CaFile => Path.Combine(Folder, "pki", "ca.crt");

    protected override Task LaunchAsync(CancellationToken cancellationToken)
    {
        _started = true;
        var start = new ProcessStartInfo(
            Path.Combine(scripts, "start-kubernetes.sh"), [Folder, $"{Port}", "--token-auth-file=" + TokenFile]);
        start.Environment["FSYNC"] = fsync ? "1" : "";
        return RunAsync(start, cancellationToken);
    }

    public override async Task StopAsync()
    {
        if (!_started)
            return;
        _started = false;
        await RunAsync(new ProcessStartInfo(Path.Combine(scripts, "stop-kubernetes.sh"), [Folder]), CancellationToken.None);
    }

    private static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}");
    }
}
