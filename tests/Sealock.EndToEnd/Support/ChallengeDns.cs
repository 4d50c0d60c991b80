// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json;

namespace Sealock.EndToEnd.Support;

/// <summary>pebble-challtestsrv, as a DNS server only: every name is at one address unless told otherwise.</summary>
internal sealed class ChallengeDns : IAsyncDisposable
{
    private readonly HttpClient _management = new();
    private readonly ServerProcess _process;
    private readonly int _managementPort;

    private ChallengeDns(ServerProcess process, int port, int managementPort) => (_process, Port, _managementPort) = (process, port, managementPort);

    /// <summary>Its port, over UDP and TCP.</summary>
    public int Port { get; }

    /// <summary>Where it answers, as <c>127.0.0.1:PORT</c>.</summary>
    public string Address => $"127.0.0.1:{Port}";

    /// <summary>Where it is told what to answer.</summary>
    public string Management => $"http://127.0.0.1:{_managementPort}";

    /// <summary>Starts one on free ports and waits until it answers.</summary>
    public static async Task<ChallengeDns> StartAsync(string address = "127.0.0.1")
    {
        var (port, management) = (Ports.Free(), Ports.Free());
        var process = ServerProcess.Start("pebble-challtestsrv",
        [
            "-dns01", $"127.0.0.1:{port}", "-management", $"127.0.0.1:{management}", "-http01", "", "-https01", "", "-tlsalpn01", "",
            "-defaultIPv4", address, "-defaultIPv6", "",
        ]);
        var server = new ChallengeDns(process, port, management);
        await process.WaitUntilAsync(async () =>
        {
            await server.TellAsync("clear-txt", new { host = "ready.example." });
            return true;
        });
        return server;
    }

    /// <summary>Adds a value to a name's TXT records.</summary>
    public Task SetTxtAsync(string name, string value) => TellAsync("set-txt", new { host = name + ".", value });

    /// <summary>Removes a name's TXT records.</summary>
    public Task ClearTxtAsync(string name) => TellAsync("clear-txt", new { host = name + "." });

    /// <summary>Makes a name an alias of another.</summary>
    public Task SetAliasAsync(string name, string target) => TellAsync("set-cname", new { host = name + ".", target = target + "." });

    /// <summary>Gives a name other addresses.</summary>
    public Task SetAddressesAsync(string name, params string[] addresses) => TellAsync("add-a", new { host = name + ".", addresses });

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _management.Dispose();
    }

    private async Task TellAsync(string what, object body)
    {
        using var answer = await _management.PostAsync(
            new Uri($"http://127.0.0.1:{_managementPort}/{what}"), new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json"));
        answer.EnsureSuccessStatusCode();
    }
}
