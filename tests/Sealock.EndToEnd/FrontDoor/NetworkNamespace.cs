// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.EndToEnd.FrontDoor;

/// <summary>A network of its own on this machine: programs in it come from another address.</summary>
internal sealed class NetworkNamespace : IAsyncDisposable
{
    private readonly string _name;

    private NetworkNamespace(string name, int subnet)
    {
        _name = name;
        HostAddress = $"10.231.{subnet}.1";
        Network = $"10.231.{subnet}.0/30";
    }

    /// <summary>This machine's address, seen from within.</summary>
    public string HostAddress { get; }

    /// <summary>The addresses of both ends.</summary>
    public string Network { get; }

    public static async Task<NetworkNamespace> CreateAsync()
    {
        var subnet = Random.Shared.Next(1, 250);
        var name = $"sealock-{Environment.ProcessId}-{subnet}";
        var created = new NetworkNamespace(name, subnet);
        var (here, there) = ($"slk{subnet}a", $"slk{subnet}b");
        (await Tool.ShellAsync($"""
            ip netns add {name}
            ip link add {here} type veth peer name {there} netns {name}
            ip addr add {created.HostAddress}/30 dev {here}
            ip link set {here} up
            ip -n {name} addr add 10.231.{subnet}.2/30 dev {there}
            ip -n {name} link set {there} up
            """)).Succeeded();
        return created;
    }

    public Task<ToolResult> RunAsync(string program, params string[] arguments) =>
        Tool.RunAsync("ip", ["netns", "exec", _name, program, .. arguments]);

    public async ValueTask DisposeAsync() => await Tool.RunAsync("ip", ["netns", "del", _name]);
}

/// <summary>A test that needs networks of its own; it skips where nobody may make one.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class NamespaceFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Possible = new(() =>
    {
        try
        {
            var name = $"sealock-{Environment.ProcessId}-try";
            using var probe = Process.Start(new ProcessStartInfo("bash", ["-c", $"ip netns add {name} && ip netns del {name}"])
            {
                RedirectStandardError = true,
                RedirectStandardOutput = true,
            });
            probe?.WaitForExit();
            return probe?.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    });

    public NamespaceFactAttribute() => Skip = Possible.Value ? null : "needs iproute2 and the right to make network namespaces";
}
