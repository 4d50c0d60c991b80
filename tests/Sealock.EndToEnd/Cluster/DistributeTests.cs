// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.EndToEnd.Cluster;

/// <summary><c>sealock pki distribute</c> to three real sshd.</summary>
public sealed class DistributeTests : IAsyncLifetime
{
    private const string ServerCertificate = "etc/kubernetes/pki/apiserver.crt";

    private readonly TemporaryFolder _folder = new();
    private readonly List<SshNode> _nodes = [];
    private readonly List<string> _mounts = [];

    private static bool IsRoot => Environment.UserName == "root";

    private string Set => _folder["set"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
        foreach (var mount in _mounts)
            await Tool.RunAsync("umount", ["-l", mount]);
        _folder.Dispose();
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task Files_arrive_with_modes_and_owners_and_a_second_run_changes_nothing()
    {
        await StartAsync();
        var dry = (await DistributeAsync("--dry-run")).Succeeded();
        Assert.Contains("master1  would change", dry, StringComparison.Ordinal);
        Assert.Matches(@"create +/etc/kubernetes/pki/apiserver\.key  0600 \d+:\d+", dry);
        Assert.All(_nodes, node => Assert.Empty(Directory.GetFileSystemEntries(node.Root)));

        var first = (await DistributeAsync()).Succeeded();
        Assert.Equal(3, first.Split('\n').Count(line => line.Contains("  changed  ", StringComparison.Ordinal)));
        foreach (var node in _nodes)
            await AssertArrivedAsync(node);
        var stat = await StatAsync();
        var second = (await DistributeAsync()).SucceededQuietly();
        Assert.Contains("nothing has changed", second, StringComparison.Ordinal);
        Assert.Equal(stat, await StatAsync());

        // No file of one node is on another, and no secret is in what the nodes have logged.
        Assert.False(File.Exists(_nodes[2]["etc/kubernetes/pki/ca.key"]));
        Assert.All(_nodes, node => Assert.DoesNotContain("PRIVATE KEY", node.Log(), StringComparison.Ordinal));
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task A_change_keeps_the_folders_and_can_be_rolled_back()
    {
        await StartAsync();
        (await DistributeAsync()).Succeeded();
        var old = await File.ReadAllTextAsync(_nodes[0][ServerCertificate]);
        var inode = await InodeAsync(_nodes[0]["etc/kubernetes/pki"]);
        var changed = Path.Combine(Set, "nodes/master1", ServerCertificate);
        await File.AppendAllTextAsync(changed, "# renewed\n");

        var output = (await DistributeAsync("--node", "master1", "-o", "json")).Succeeded();
        Assert.Contains("\"change\": \"replaced\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("worker1", output, StringComparison.Ordinal);
        Assert.Equal(old + "# renewed\n", await File.ReadAllTextAsync(_nodes[0][ServerCertificate]));
        Assert.Equal(inode, await InodeAsync(_nodes[0]["etc/kubernetes/pki"]));

        (await DistributeAsync("--rollback", "--node", "master1")).Succeeded();
        Assert.Equal(old, await File.ReadAllTextAsync(_nodes[0][ServerCertificate]));
        Assert.Equal(inode, await InodeAsync(_nodes[0]["etc/kubernetes/pki"]));
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task A_node_that_is_down_and_one_with_a_full_disk_stop_nobody_and_are_as_they_were()
    {
        await StartAsync(fullSecond: true);
        var before = Directory.GetFileSystemEntries(_nodes[1].Root).Order().ToArray();
        await _nodes[2].StopAsync();
        var result = await DistributeAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"master1 +changed ", result.Output);
        Assert.Matches(@"master2 +failed, untouched ", result.Output);
        Assert.Matches(@"worker1 +failed, untouched ", result.Output);
        Assert.Matches("master2: (the disk is full|.*could not be (staged|written))", result.Errors);
        Assert.Contains("worker1: ssh: connect to host 127.0.0.1", result.Errors, StringComparison.Ordinal);
        Assert.Contains("2 of 3 nodes failed", result.Errors, StringComparison.Ordinal);
        await AssertArrivedAsync(_nodes[0]);
        Assert.False(Directory.Exists(_nodes[1]["etc"]) || Directory.Exists(_nodes[1]["srv"]));
        Assert.Equal(before, Directory.GetFileSystemEntries(_nodes[1].Root).Where(path => !path.EndsWith("/var", StringComparison.Ordinal)).Order());

        // What was wrong is put right: the second run completes, the third changes nothing.
        await FreeAsync();
        await _nodes[2].StartAsync();
        var second = (await DistributeAsync()).Succeeded();
        Assert.Matches(@"master1 +unchanged ", second);
        Assert.Matches(@"master2 +changed ", second);
        Assert.Matches(@"worker1 +changed ", second);
        foreach (var node in _nodes)
            await AssertArrivedAsync(node);
        Assert.Contains("nothing has changed", (await DistributeAsync()).Succeeded(), StringComparison.Ordinal);
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep", "mount")]
    public async Task Files_for_another_file_system_of_the_node_are_staged_there()
    {
        await StartAsync();
        var kubelet = Directory.CreateDirectory(_nodes[2]["var/lib/kubelet"]).FullName;
        if (!await MountAsync(kubelet, "1m"))
            return;
        (await DistributeAsync()).Succeeded();
        await AssertArrivedAsync(_nodes[2]);
        Assert.True(File.Exists(Path.Combine(kubelet, "pki/kubelet.key")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(kubelet), path => path.Contains("/.sealock", StringComparison.Ordinal));
        (await DistributeAsync("--rollback", "--node", "worker1")).Succeeded();
        Assert.False(Directory.Exists(Path.Combine(kubelet, "pki")));
        Assert.Empty(Directory.GetFileSystemEntries(kubelet));
    }

    /// <summary>SEALOCK_DISTRIBUTE_KILLS sets how many times (default: 4).</summary>
    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task Whatever_is_killed_midway_the_next_run_completes()
    {
        await StartAsync();
        (await DistributeAsync()).Succeeded();
        var times = int.Parse(Environment.GetEnvironmentVariable("SEALOCK_DISTRIBUTE_KILLS") ?? "4", CultureInfo.InvariantCulture);
        var random = new Random(times);
        for (var i = 0; i < times; i++)
        {
            foreach (var node in _nodes)
            {
                foreach (var file in Directory.GetFiles(Path.Combine(Set, "nodes", node.Name), "*.crt", SearchOption.AllDirectories))
                    await File.AppendAllTextAsync(file, $"# {i}\n");
            }

            var after = TimeSpan.FromMilliseconds(random.Next(250, 1500));
            if (i % 2 == 0)
            {
                await SealockProcess.KillWhileRunningAsync(after, Arguments());
            }
            else
            {
                var run = DistributeAsync();
                await Task.Delay(after);
                await _nodes[i % 3].CutAsync();
                await run;
            }

            (await DistributeAsync()).Succeeded();
            foreach (var node in _nodes)
                await AssertArrivedAsync(node);
        }

        Assert.Contains("nothing has changed", (await DistributeAsync()).Succeeded(), StringComparison.Ordinal);
        foreach (var node in _nodes)
        {
            Assert.DoesNotContain(
                Directory.GetFileSystemEntries(node["var/lib/sealock/distribute"]).Select(Path.GetFileName),
                name => name is "journal" or "undo" || name?.StartsWith("stage-", StringComparison.Ordinal) == true);
        }
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task Each_hindrance_is_told_with_its_remedy()
    {
        await StartAsync();
        var unknown = await DistributeAsync("--node", "worker2");
        Assert.Equal(2, unknown.ExitCode);
        Assert.Contains("there is no node worker2; there are: master1, master2, worker1", unknown.Errors, StringComparison.Ordinal);

        var key = (await Tool.RunAsync(SealockProcess.Program,
            ["pki", "distribute", "--dir", Set, "--node", "worker1", "--ssh-option", "IdentityFile=/dev/null", "--ssh-option", "IdentitiesOnly=yes",
                "--ssh-option", $"UserKnownHostsFile={_folder["known_hosts"]}"])).Failed();
        Assert.Contains("worker1: ssh may not log in without a password", key, StringComparison.Ordinal);

        var host = (await Tool.RunAsync(SealockProcess.Program,
            ["pki", "distribute", "--dir", Set, "--node", "worker1", "--ssh-option", "UserKnownHostsFile=/dev/null"])).Failed();
        Assert.Contains("worker1: the node's host key is not known", host, StringComparison.Ordinal);

        File.Delete(Path.Combine(Set, "nodes/master2", ServerCertificate));
        var missing = await DistributeAsync();
        Assert.Contains("master2", missing.Failed(), StringComparison.Ordinal);
        Assert.Contains("lacks /etc/kubernetes/pki/apiserver.crt: sealock pki init makes what is missing", missing.Errors, StringComparison.Ordinal);
        Assert.Matches(@"worker1 +changed ", missing.Output);

        var nothing = (await DistributeAsync("--rollback", "--node", "master2")).Failed();
        Assert.Contains("master2: it has no former set", nothing, StringComparison.Ordinal);
    }

    private Task<ToolResult> DistributeAsync(params string[] more) => Tool.RunAsync(SealockProcess.Program, Arguments(more));

    private string[] Arguments(params string[] more) =>
        ["pki", "distribute", "--dir", Set, "--root", _folder.Path + "/{node}/root", .. SshNode.ClientOptions(_folder.Path), .. Owner(), .. more];

    private static string[] Owner() => IsRoot ? [] : ["--owner", Environment.UserName];

    private async Task StartAsync(bool fullSecond = false)
    {
        foreach (var name in new[] { "master1", "master2", "worker1" })
        {
            var node = await SshNode.CreateAsync(name, _folder.Path, fullSecond && name == "master2" ? await FillAsync(name) : null);
            await node.StartAsync();
            _nodes.Add(node);
        }

        await File.WriteAllTextAsync(_folder["cluster.yaml"], $"""
            endpoint: api.example.com:6443
            {(IsRoot ? "owner: daemon:nogroup" : "")}
            nodes:
            - {Node(0, "control-plane")}
            - {Node(1, "control-plane")}
            - {Node(2, "worker")}
            """);
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--config", _folder["cluster.yaml"], "--out", Set])).Succeeded();

        string Node(int i, string role) =>
            $"{{name: {_nodes[i].Name}, role: {role}, addresses: [10.0.0.{i + 1}], ssh: \"{Environment.UserName}@127.0.0.1:{_nodes[i].Port}\"}}";
    }

    private async Task<bool> MountAsync(string folder, string size)
    {
        var mounted = await Tool.RunAsync("mount", ["-t", "tmpfs", "-o", $"size={size},mode=755", "tmpfs", folder]);
        if (mounted.ExitCode == 0)
            _mounts.Add(folder);
        return mounted.ExitCode == 0;
    }

    /// <summary>Lets a node have a full disk: a small one that is mounted, or else a limit on the length of files.</summary>
    /// <returns>The command that sets the limit, where nothing can be mounted.</returns>
    private async Task<string?> FillAsync(string node)
    {
        var root = Directory.CreateDirectory(_folder[$"{node}/root"]).FullName;
        if (!await MountAsync(root, "64k"))
            return $"test -e {_folder.Path}/free || {{ trap '' XFSZ; ulimit -f 1; }}; $SSH_ORIGINAL_COMMAND";
        await Tool.RunAsync("dd", ["if=/dev/zero", $"of={root}/ballast", "bs=1k", "count=40"]);
        return null;
    }

    private async Task FreeAsync()
    {
        await File.WriteAllTextAsync(_folder["free"], "");
        foreach (var mount in _mounts)
        {
            File.Delete(Path.Combine(mount, "ballast"));
            (await Tool.RunAsync("mount", ["-o", "remount,size=1m", mount])).Succeeded();
        }
    }

    /// <summary>Exactly the node's files are there: contents, modes and owners.</summary>
    private async Task AssertArrivedAsync(SshNode node)
    {
        var set = Path.Combine(Set, "nodes", node.Name);
        var wanted = Files(set);
        Assert.NotEmpty(wanted);
        Assert.Equal(wanted, Files(node.Root).Where(path => !path.StartsWith("var/lib/sealock/", StringComparison.Ordinal) && path != "ballast"));
        var owner = !IsRoot ? Environment.UserName : node.Name == "worker1" ? "root:root" : "daemon:nogroup";
        foreach (var path in wanted)
        {
            Assert.Equal(await File.ReadAllBytesAsync(Path.Combine(set, path)), await File.ReadAllBytesAsync(node[path]));
            var secret = path.EndsWith(".key", StringComparison.Ordinal) || path.EndsWith(".conf", StringComparison.Ordinal);
            var stat = (await Tool.RunAsync("stat", ["-c", IsRoot ? "%a %U:%G" : "%a %U", node[path]])).Succeeded().Trim();
            if (secret || path.EndsWith(".crt", StringComparison.Ordinal))
                Assert.Equal($"{(secret ? "600" : "644")} {owner}", stat);
            else
                Assert.EndsWith(" " + owner, stat, StringComparison.Ordinal);
        }
    }

    private static List<string> Files(string root) =>
        [.. Directory.GetFiles(root, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(root, path)).Order(StringComparer.Ordinal)];

    private async Task<string> StatAsync() => (await Tool.RunAsync(
        "find", [.. _nodes.Select(node => node.Root), "-path", "*/var/lib/sealock", "-prune", "-o", "-printf", "%p %i %m %u %T@\n"])).Succeeded();

    private static async Task<string> InodeAsync(string path) => (await Tool.RunAsync("stat", ["-c", "%i", path])).Succeeded();
}
