// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary>Three nodes, which are real sshd, and <c>sealock pki distribute</c> to them.</summary>
public abstract class ThreeNodes : IAsyncLifetime
{
    private readonly List<string> _mounts = [];

    private protected TemporaryFolder Folder { get; } = new();

    private protected List<SshNode> Nodes { get; } = [];

    private static bool IsRoot => Environment.UserName == "root";

    private protected string Set => Folder["set"];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in Nodes)
            await node.DisposeAsync();
        foreach (var mount in _mounts)
            await Tool.RunAsync("umount", ["-l", mount]);
        Folder.Dispose();
    }

    private protected Task<ToolResult> DistributeAsync(params string[] more) => Tool.RunAsync(SealockProcess.Program, Arguments(more));

    private protected string[] Arguments(params string[] more) =>
        ["pki", "distribute", "--dir", Set, "--root", Folder.Path + "/{node}/root", .. SshNode.ClientOptions(Folder.Path), .. Owner(), .. more];

    private static string[] Owner() => IsRoot ? [] : ["--owner", Environment.UserName];

    private protected async Task StartAsync(bool fullSecond = false)
    {
        foreach (var name in new[] { "master1", "master2", "worker1" })
        {
            var node = await SshNode.CreateAsync(name, Folder.Path, fullSecond && name == "master2" ? await FillAsync(name) : null);
            await node.StartAsync();
            Nodes.Add(node);
        }

        await File.WriteAllTextAsync(Folder["cluster.yaml"], $"""
            endpoint: api.example.com:6443
            {(IsRoot ? "owner: daemon:nogroup" : "")}
            nodes:
            - {Node(0, "control-plane")}
            - {Node(1, "control-plane")}
            - {Node(2, "worker")}
            """);
        (await Tool.RunAsync(SealockProcess.Program, ["pki", "init", "--config", Folder["cluster.yaml"], "--out", Set])).Succeeded();

        string Node(int i, string role) =>
            $"{{name: {Nodes[i].Name}, role: {role}, addresses: [10.0.0.{i + 1}], ssh: \"{Environment.UserName}@127.0.0.1:{Nodes[i].Port}\"}}";
    }

    private protected async Task<bool> MountAsync(string folder, string size)
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
        var root = Directory.CreateDirectory(Folder[$"{node}/root"]).FullName;
        if (!await MountAsync(root, "64k"))
            return $"test -e {Folder.Path}/free || {{ trap '' XFSZ; ulimit -f 1; }}; $SSH_ORIGINAL_COMMAND";
        await Tool.RunAsync("dd", ["if=/dev/zero", $"of={root}/ballast", "bs=1k", "count=40"]);
        return null;
    }

    private protected async Task FreeAsync()
    {
        await File.WriteAllTextAsync(Folder["free"], "");
        foreach (var mount in _mounts)
        {
            File.Delete(Path.Combine(mount, "ballast"));
            (await Tool.RunAsync("mount", ["-o", "remount,size=1m", mount])).Succeeded();
        }
    }

    /// <summary>Exactly the node's files are there: contents, modes and owners.</summary>
    private protected async Task AssertArrivedAsync(SshNode node)
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
}
