// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;

namespace Sealock.EndToEnd.Differential;

/// <summary>A real Kubernetes control plane and Sealock, side by side, for all tests that compare them.</summary>
public sealed class BothServers : IAsyncLifetime
{
    private const int KubernetesPorts = 4;
    private const string Token = "admin-token";
    private readonly TemporaryFolder _folder = new();
    private SealockProcess? _sealock;

    internal ComparedServer Kubernetes { get; private set; } = new(new Uri("https://127.0.0.1:1"), "");

    internal ComparedServer Sealock { get; private set; } = new(new Uri("https://127.0.0.1:1"), "");

    public async Task InitializeAsync()
    {
        if (!Peers.Has("kubernetes"))
            return;
        var port = FreePorts();
        var kubernetes = Tool.RunAsync(
            Path.Combine(Repository.Root, "eng", "start-kubernetes.sh"), [_folder["kubernetes"], $"{port}"]);
        await File.WriteAllTextAsync(_folder["tokens.csv"], $"{Token},admin,admin,\"system:masters\"\n");
        _sealock = await SealockProcess.StartAsync(
            "server", "--data", _folder["sealock"], "--bind-address", "127.0.0.1", "--secure-port", "0", "--token-auth-file", _folder["tokens.csv"]);
        Sealock = new ComparedServer(new Uri(_sealock.Url), Token);
        Kubernetes = new ComparedServer(new Uri($"https://127.0.0.1:{port}"), Token);
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

    /// <summary>The first of some neighbouring ports that are free, below those that connections take.</summary>
    private static int FreePorts()
    {
        while (true)
        {
            var first = Random.Shared.Next(20_000, 32_000);
            if (Enumerable.Range(first, KubernetesPorts).All(IsFree))
                return first;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}

/// <summary>Tests that share the two servers, and so run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class BothServersCollection : ICollectionFixture<BothServers>
{
    public const string Name = "both servers";
}
