// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Bench.Targets;

/// <summary>The published <c>sealock</c> program, as its users run it.</summary>
internal sealed class SealockTarget(string program, string folder, int port, string name = "sealock") : Target(name, folder, port)
{
    private Daemon? _daemon;

    /// <summary>Flags for <c>sealock server</c> from the next start on.</summary>
    public IReadOnlyList<string> MoreFlags { get; set; } = [];

    public override IReadOnlyDictionary<string, int> Processes =>
        _daemon is { } running ? new Dictionary<string, int> { ["sealock"] = running.Id } : [];

    protected override string CaFile => Path.Combine(Folder, "data", "pki", "ca.crt");

    protected override Task LaunchAsync(CancellationToken cancellationToken)
    {
        _daemon = Daemon.Start(
            Path.Combine(LogFolder, "sealock.log"), program,
            [
                "server", "--data", Path.Combine(Folder, "data"), "--bind-address", "127.0.0.1", "--secure-port", $"{Port}",
                "--token-auth-file", TokenFile, .. AuditFlags, .. MoreFlags,
            ]);
        return Task.CompletedTask;
    }

    /// <summary>Resident bytes of a <c>sealock controller</c> beside the server, once it knows all there is.</summary>
    public async Task<long> ControllerMemoryAsync(TimeSpan settle, CancellationToken cancellationToken)
    {
        await using var controller = Daemon.Start(
            Path.Combine(LogFolder, "controller.log"), program, "controller", "--kubeconfig", Path.Combine(Folder, "data", "admin.conf"), "--controllers", "issuance");
        // It has everything when it has stopped working.
        var before = -1.0;
        while (Measuring.Usage.Of([controller.Id]).CpuSeconds is var now && now - before > settle.TotalSeconds / 50)
        {
            before = now;
            await Task.Delay(settle, cancellationToken);
        }

        return Measuring.Usage.Resident(controller.Id);
    }

    public override async Task StopAsync()
    {
        if (_daemon is { } running)
            await running.DisposeAsync();
        _daemon = null;
    }
}
