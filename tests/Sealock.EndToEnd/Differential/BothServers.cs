// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Differential;

/// <summary>A real Kubernetes control plane and Sealock, side by side.</summary>
public sealed class BothServers : IAsyncLifetime
{
    private const int KubernetesPort = 26443;
    private readonly TemporaryFolder _folder = new();
    private SealockProcess? _sealock;

    internal ComparedServer Kubernetes { get; } = new(new Uri($"https://127.0.0.1:{KubernetesPort}"), "admin-token");

    internal ComparedServer Sealock { get; private set; } = new(new Uri("https://127.0.0.1:1"), "");

    public async Task InitializeAsync()
    {
        if (!Peers.Has("kubernetes"))
            return;
        var kubernetes = Tool.RunAsync(
            Path.Combine(Repository.Root, "eng", "start-kubernetes.sh"), [_folder["kubernetes"], $"{KubernetesPort}"]);
        await File.WriteAllTextAsync(_folder["tokens.csv"], "admin-token,admin,admin,\"system:masters\"\n");
        _sealock = await SealockProcess.StartAsync(
            "server", "--data", _folder["sealock"], "--bind-address", "127.0.0.1", "--secure-port", "0", "--token-auth-file", _folder["tokens.csv"]);
        Sealock = new ComparedServer(new Uri(_sealock.Url), "admin-token");
        (await kubernetes).Succeeded();
    }

    public async Task DisposeAsync()
    {
        Kubernetes.Dispose();
        Sealock.Dispose();
        if (_sealock is not null)
            await _sealock.DisposeAsync();
        if (Peers.Has("kubernetes"))
            await Tool.RunAsync(Path.Combine(Repository.Root, "eng", "stop-kubernetes.sh"), [_folder["kubernetes"]]);
        _folder.Dispose();
    }
}
