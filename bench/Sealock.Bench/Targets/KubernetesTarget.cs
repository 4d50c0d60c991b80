// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;

namespace Sealock.Bench.Targets;

/// <summary>
/// A real control plane: etcd, kube-apiserver and kube-controller-manager. Its etcd runs without fsync unless it is
/// asked for, which flatters it.
/// </summary>
internal sealed class KubernetesTarget(string scripts, string folder, int port, bool fsync, bool ecdsa = false) : Target("kubernetes", folder, port)
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
        if (ecdsa)
            MakeCertificates();
        var start = new ProcessStartInfo(
            Path.Combine(scripts, "start-kubernetes.sh"), [Folder, $"{Port}", "--token-auth-file=" + TokenFile, .. AuditFlags]);
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

    /// <summary>kubeadm makes keys for RSA, but takes what is there: a CA and kube-apiserver's own certificate.</summary>
    private void MakeCertificates()
    {
        var (authority, pki) = (new Authority("kubernetes"), Path.Combine(Folder, "pki"));
        authority.Write(pki, "ca");
        authority.Issue(
            pki, "apiserver", "kube-apiserver", Environment.MachineName.ToLowerInvariant(), "kubernetes", "kubernetes.default", "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local", "10.96.0.1", "198.51.100.1");
    }

    private static async Task RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{start.FileName} did not start");
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{start.FileName} ended with {process.ExitCode}");
    }
}
