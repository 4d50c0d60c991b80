// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.Bench.Targets;

/// <summary>The published <c>sealock</c> program, as its users run it.</summary>
internal sealed class SealockTarget(string program, string folder, int port) : Target("sealock", folder, port)
{
    private Process? _process;

    /// <summary>Flags for <c>sealock server</c> from the next start on.</summary>
    public IReadOnlyList<string> MoreFlags { get; set; } = [];

    public override IReadOnlyDictionary<string, int> Processes =>
        _process is { } running ? new Dictionary<string, int> { ["sealock"] = running.Id } : [];

    protected override string CaFile => Path.Combine(Folder, "data", "pki", "ca.crt");

    protected override Task LaunchAsync(CancellationToken cancellationToken)
    {
        _process = Process.Start(new ProcessStartInfo("/bin/sh",
        [
            "-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(Folder, "sealock.log"), program,
            "server", "--data", Path.Combine(Folder, "data"), "--bind-address", "127.0.0.1", "--secure-port", $"{Port}",
            "--token-auth-file", TokenFile, .. MoreFlags,
        ]));
        return Task.CompletedTask;
    }

    /// <summary>Resident bytes of a <c>sealock controller</c> beside the server, once it knows all there is.</summary>
    public async Task<long> ControllerMemoryAsync(TimeSpan settle, CancellationToken cancellationToken)
    {
        var controller = Process.Start(new ProcessStartInfo("/bin/sh",
        [
            "-c", "exec \"$@\" >>\"$0\" 2>&1", Path.Combine(Folder, "controller.log"), program,
            "controller", "--kubeconfig", Path.Combine(Folder, "data", "admin.conf"), "--controllers", "issuance",
        ]))!;
        try
        {
            // It has everything when it has stopped working.
            var before = -1.0;
            while (Measuring.Usage.Of([controller.Id]).CpuSeconds is var now && now - before > settle.TotalSeconds / 50)
            {
                before = now;
                await Task.Delay(settle, cancellationToken);
            }

            return Measuring.Usage.Resident(controller.Id);
        }
        finally
        {
            await EndAsync(controller);
        }
    }

    public override async Task StopAsync()
    {
        if (_process is not { } running)
            return;
        _process = null;
        await EndAsync(running);
    }

    internal static async Task EndAsync(Process running)
    {
        using (running)
        {
            using (var kill = Process.Start("kill", [$"{running.Id}"]))
                await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await running.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                running.Kill();
            }
        }
    }
}
