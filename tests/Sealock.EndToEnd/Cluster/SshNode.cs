// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Sealock.EndToEnd.Cluster;

/// <summary>A node: a real sshd on loopback with keys, configuration and port of its own, and a folder as its root.</summary>
internal sealed class SshNode : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly StringBuilder _log = new();
    private readonly string _folder;
    private Process? _process;

    private SshNode(string name, string folder, int port) => (Name, _folder, Port) = (name, folder, port);

    public string Name { get; }

    public int Port { get; }

    /// <summary>What is the root of the file system for this node.</summary>
    public string Root => Path.Combine(_folder, "root");

    public string this[string path] => Path.Combine(Root, path);

    /// <summary>A client's options that reach nodes made in this folder, and ask for nothing.</summary>
    public static string[] ClientOptions(string folder) =>
    [
        "--ssh-option", $"IdentityFile={folder}/client", "--ssh-option", "IdentitiesOnly=yes",
        "--ssh-option", $"UserKnownHostsFile={folder}/known_hosts", "--ssh-option", "GlobalKnownHostsFile=/dev/null",
    ];

    /// <summary>Makes keys and configuration of a node below a folder; it does not run yet.</summary>
    /// <param name="name">The node's name.</param>
    /// <param name="folder">The folder that all nodes of a test have in common.</param>
    /// <param name="force">A command that is run instead of the client's; <c>$SSH_ORIGINAL_COMMAND</c> is the client's.</param>
    public static async Task<SshNode> CreateAsync(string name, string folder, string? force = null)
    {
        if (!File.Exists($"{folder}/client"))
            (await Tool.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", $"{folder}/client"])).Succeeded();
        var node = new SshNode(name, Directory.CreateDirectory(Path.Combine(folder, name)).FullName, Ports.Free());
        Directory.CreateDirectory(node.Root);
        (await Tool.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", $"{node._folder}/host"])).Succeeded();
        var key = (await File.ReadAllTextAsync($"{node._folder}/host.pub")).Split(' ');
        await File.AppendAllTextAsync($"{folder}/known_hosts", $"[127.0.0.1]:{node.Port} {key[0]} {key[1].TrimEnd()}\n");
        await File.WriteAllTextAsync($"{node._folder}/sshd_config", $"""
            ListenAddress 127.0.0.1:{node.Port.ToString(CultureInfo.InvariantCulture)}
            HostKey {node._folder}/host
            AuthorizedKeysFile {folder}/client.pub
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            MaxStartups 100
            {(force is null ? "" : "ForceCommand " + force)}

            """);
        return node;
    }

    /// <summary>Runs it, until it answers.</summary>
    public async Task StartAsync()
    {
        if (Environment.UserName == "root")
            Directory.CreateDirectory("/run/sshd"); // the system's own service makes it, where there is one
        var program = File.Exists("/usr/sbin/sshd") ? "/usr/sbin/sshd" : "sshd";
        var start = new ProcessStartInfo(program) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in new[] { "-D", "-e", "-f", $"{_folder}/sshd_config" })
            start.ArgumentList.Add(argument);
        _process = Process.Start(start) ?? throw new InvalidOperationException("sshd did not start");
        _process.ErrorDataReceived += (_, e) => Append(e.Data);
        _process.OutputDataReceived += (_, e) => Append(e.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        using var limit = new CancellationTokenSource(StartLimit);
        while (true)
        {
            try
            {
                using var probe = new TcpClient();
                await probe.ConnectAsync(IPAddress.Loopback, Port, limit.Token);
                return;
            }
            catch (SocketException) when (!_process.HasExited)
            {
                await Task.Delay(20, limit.Token);
            }
            catch (SocketException)
            {
                throw new InvalidOperationException($"sshd ended: {Log()}");
            }
        }
    }

    /// <summary>Ends it with all its connections, as when a machine is switched off.</summary>
    public async Task StopAsync()
    {
        if (_process is null)
            return;
        foreach (var connection in await ConnectionsAsync())
            await Tool.RunAsync("kill", ["-KILL", connection]);
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Cuts the connections that are open just now; answers how many there were.</summary>
    public async Task<int> CutAsync()
    {
        var connections = await ConnectionsAsync();
        foreach (var connection in connections)
            await Tool.RunAsync("kill", ["-KILL", connection]);
        return connections.Length;
    }

    public string Log()
    {
        lock (_log)
            return _log.ToString();
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    // The processes that sshd has made for connections: only its children, never other people's.
    private async Task<string[]> ConnectionsAsync() => _process is null
        ? []
        : (await Tool.RunAsync("pgrep", ["-P", _process.Id.ToString(CultureInfo.InvariantCulture)])).Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private void Append(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
