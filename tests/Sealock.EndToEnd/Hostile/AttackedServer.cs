// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Bench.Hostile.Attacks;

namespace Sealock.EndToEnd.Hostile;

/// <summary>A server with an administrator, and with a user at another address who means harm and may use ConfigMaps.</summary>
public sealed class AttackedServer : IAsyncLifetime
{
    public const string Collection = "/api/v1/namespaces/default/configmaps";
    public const string Token = "attacker-token";
    public const int ConnectionsPerAddress = 300;

    private readonly TemporaryFolder _folder = new();
    private SealockProcess? _process;

    internal SealockProcess Process => _process ?? throw new InvalidOperationException("not started");

    internal Victim Victim => new(new IPEndPoint(IPAddress.Loopback, Process.Port), IPAddress.Parse("127.0.0.2"), Token, Collection);

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(_folder["tokens.csv"], $"{Token},attacker,attacker,strangers\n");
        _process = await SealockProcess.StartAsync(
            "server", "--data", _folder["data"], "--secure-port", "0", "--bind-address", "127.0.0.1", "--token-auth-file", _folder["tokens.csv"],
            "--max-connections-per-address", $"{ConnectionsPerAddress}");
        using var administrator = Administrator();
        await CreateAsync(administrator, "clusterroles", """{"metadata":{"name":"attacked"},"rules":[{"apiGroups":[""],"resources":["configmaps"],"verbs":["*"]}]}""");
        await CreateAsync(administrator, "clusterrolebindings", """
            {"metadata":{"name":"attacked"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"attacked"},
             "subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"strangers"}]}
            """);
    }

    public async Task DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    internal ServerConnection Administrator() => new(Process.Url, ServerConnection.Administrator(_folder["data"]));

    /// <summary>Memory of the process, in KiB.</summary>
    internal long ResidentKib() => long.Parse(
        File.ReadLines($"/proc/{Process.ProcessId}/status").Single(line => line.StartsWith("VmRSS:", StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
        CultureInfo.InvariantCulture);

    private static async Task CreateAsync(ServerConnection administrator, string resource, string body) =>
        (await administrator.SendAsync("POST", "/apis/rbac.authorization.k8s.io/v1/" + resource, JsonNode.Parse(body))).Succeeded();
}
