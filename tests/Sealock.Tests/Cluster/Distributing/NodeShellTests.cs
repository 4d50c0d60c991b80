// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Distributing;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;
using Sealock.Tests.Cluster.Staging;

namespace Sealock.Tests.Cluster.Distributing;

/// <summary>The node's script, run by the shells that nodes have; those not on this machine are left out.</summary>
public sealed class NodeShellTests
{
    public static TheoryData<string> Shells { get; } =
    [
        .. new[] { "dash -s", "bash -s", "bash --posix -s", "busybox sh -s", "mksh -s" }
            .Where(shell => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
                .Any(folder => File.Exists(Path.Combine(folder, shell.Split(' ')[0])))),
    ];

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_set_is_made_replaced_and_rolled_back(string shell)
    {
        using var node = new LocalNode(shell);
        NodeFile[] first = [LocalNode.File("etc/k8s/pki/ca.crt", "one\n", 644), LocalNode.File("etc/k8s/pki/ca.key", "key"), LocalNode.File("srv/it's a file", "")];
        var result = await node.RunAsync(first);
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        const string one = "etc/ 700\netc/k8s/ 700\netc/k8s/pki/ 700\netc/k8s/pki/ca.crt 644 one\n\netc/k8s/pki/ca.key 600 key\nsrv/ 700\nsrv/it's a file 600 ";
        Assert.Equal(one, node.Text());

        result = await node.RunAsync(first);
        Assert.Equal((NodeStatus.Unchanged, null), (result.Status, result.Failure));

        NodeFile[] second = [LocalNode.File("etc/k8s/pki/ca.crt", "two", 600), first[1] with { Mode = AtomicFile.Public }, LocalNode.File("etc/new/a", "a")];
        result = await node.RunAsync(second);
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        Assert.Equal(
            [ChangeKind.Created, ChangeKind.Replaced, ChangeKind.Adjusted, ChangeKind.Created],
            result.Changes.Where(change => change.Kind != ChangeKind.Unchanged).Select(change => change.Kind));
        var two = node.Text();
        Assert.Contains("ca.crt 600 two\netc/k8s/pki/ca.key 644 key\netc/new/ 700\netc/new/a 600 a", two, StringComparison.Ordinal);
        Assert.Contains("former", node.State());
        Assert.DoesNotContain(node.State(), name => name.StartsWith("stage-", StringComparison.Ordinal) || name.StartsWith("draft-", StringComparison.Ordinal));

        result = await node.RollBackAsync();
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        Assert.Equal(one, node.Text());
        result = await node.RollBackAsync();
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        Assert.Equal(two, node.Text());
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Links_are_replaced_and_restored_and_folders_keep_their_inodes(string shell)
    {
        using var node = new LocalNode(shell);
        Directory.CreateDirectory(node.Root["real/sub"]);
        File.WriteAllText(node.Root["real/old"], "old");
        File.CreateSymbolicLink(node.Root["real/to-file"], "old");
        Directory.CreateSymbolicLink(node.Root["real/to-folder"], "sub");
        Directory.CreateSymbolicLink(node.Root["way"], "real");
        var before = node.Text();
        using var root = OpenFolder.Open(node.Root.Path);
        var inode = root.Look("real")?.Inode;

        var result = await node.RunAsync(LocalNode.File("way/to-file", "1"), LocalNode.File("way/to-folder", "2"));
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        Assert.Contains("real/old 644 old\nreal/sub/ 755\nreal/to-file 600 1\nreal/to-folder 600 2\nway -> real", node.Text(), StringComparison.Ordinal);
        Assert.Equal(inode, root.Look("real")?.Inode);

        result = await node.RollBackAsync();
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        Assert.Equal(before, node.Text());
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task What_is_in_the_way_or_leads_out_is_told_and_nothing_is_changed(string shell)
    {
        using var outside = new Folder();
        using var node = new LocalNode(shell);
        Directory.CreateDirectory(node.Root["folder"]);
        File.WriteAllText(node.Root["file"], "");
        Directory.CreateSymbolicLink(node.Root["out"], outside.Path);
        foreach (var (path, told) in new[]
        {
            ("folder", "in the way: folder"), ("file/a", "file is no folder: move it away"), ("out/a", "leads out of"),
        })
        {
            var result = await node.RunAsync(LocalNode.File("a", "1"), LocalNode.File(path, "2"));
            Assert.Equal(NodeStatus.Untouched, result.Status);
            Assert.Contains(told, result.Failure, StringComparison.Ordinal);
            Assert.False(File.Exists(node.Root["a"]));
        }

        Assert.Empty(Directory.GetFileSystemEntries(outside.Path));
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task Owners_are_set_and_seen(string shell)
    {
        if (!FileOwner.MayBeChanged)
            return;
        using var node = new LocalNode(shell);
        NodeFile[] files = [LocalNode.File("pki/a", "1", owner: "daemon:nogroup"), LocalNode.File("pki/b", "1", owner: "daemon"), LocalNode.File("c", "1", owner: "12345:root")];
        Assert.Equal(NodeStatus.Changed, (await node.RunAsync(files)).Status);
        using var root = OpenFolder.Open(node.Root.Path);
        using var pki = root.OpenChild("pki");
        Assert.Equal(FileOwner.Parse("daemon:nogroup"), pki?.Look("a")?.Owner);
        Assert.Equal(FileOwner.Parse("daemon"), pki?.Look("b")?.Owner);
        Assert.Equal(new FileOwner(12345, 0), root.Look("c")?.Owner);
        Assert.Equal(NodeStatus.Unchanged, (await node.RunAsync(files)).Status);

        var result = await node.RunAsync(files[0] with { Owner = "daemon:daemon" });
        Assert.Equal(ChangeKind.Adjusted, result.Changes[^1].Kind);
        Assert.Equal(NodeStatus.Changed, (await node.RollBackAsync()).Status);
        Assert.Equal(FileOwner.Parse("daemon:nogroup"), pki?.Look("a")?.Owner);

        result = await node.RunAsync(LocalNode.File("d", "1", owner: "nobody-knows:me"));
        Assert.Contains("no user and group \"nobody-knows:me\"", result.Failure, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task A_dry_run_changes_nothing_at_all(string shell)
    {
        using var node = new LocalNode(shell);
        var result = await node.RunAsync(new DistributionOptions { DryRun = true }, LocalNode.File("a/b", "1"));
        Assert.Equal(NodeStatus.WouldChange, result.Status);
        Assert.Empty(Directory.GetFileSystemEntries(node.Root.Path));
    }

    [Fact]
    public async Task A_rollback_overwrites_what_others_have_changed_only_by_force()
    {
        using var node = new LocalNode();
        Assert.Contains("no former set", (await node.RollBackAsync()).Failure, StringComparison.Ordinal);
        await node.RunAsync(LocalNode.File("a", "1"));
        await node.RunAsync(LocalNode.File("a", "2"));
        File.WriteAllText(node.Root["a"], "3");
        Assert.Contains("changed by somebody else since: a", (await node.RollBackAsync()).Failure, StringComparison.Ordinal);
        Assert.Equal(NodeStatus.Changed, (await node.RollBackAsync(force: true)).Status);
        Assert.Equal("a 600 1", node.Text());
    }

    [Fact]
    public async Task Binary_and_long_contents_arrive_as_they_are()
    {
        using var node = new LocalNode();
        var content = new byte[300_000];
        new Random(1).NextBytes(content);
        var result = await node.RunAsync(new NodeFile("a", content, AtomicFile.Secret, LocalNode.Self));
        Assert.Equal((NodeStatus.Changed, null), (result.Status, result.Failure));
        Assert.Equal(content, File.ReadAllBytes(node.Root["a"]));
    }

    [Theory]
    [InlineData("../a")]
    [InlineData("/a")]
    [InlineData("a\\b")]
    [InlineData("-a")]
    [InlineData("a/ b")]
    [InlineData("a\nb")]
    public async Task A_path_that_a_shell_could_misread_is_refused(string path)
    {
        using var node = new LocalNode();
        Assert.Equal(NodeStatus.Untouched, (await node.RunAsync(LocalNode.File(path, "1"))).Status);
    }

    [Theory]
    [InlineData("kube;id:x")]
    [InlineData("$(id)")]
    [InlineData("-a:b")]
    [InlineData("a:b:c")]
    [InlineData("")]
    public async Task An_owner_that_a_shell_could_misread_is_refused(string owner)
    {
        using var node = new LocalNode();
        Assert.Contains("names no owner", (await node.RunAsync(LocalNode.File("a", "1", owner: owner))).Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_changes_at_once_do_not_meet()
    {
        using var node = new LocalNode();
        Directory.CreateDirectory(node.Root["var/lib/sealock/distribute"]);
        using var root = OpenFolder.Open(node.Root["var/lib/sealock/distribute"]);
        using (root.TryLock("lock"))
        {
            var result = await node.RunAsync(new DistributionOptions { Patience = TimeSpan.Zero }, LocalNode.File("a", "1"));
            Assert.Contains("another run", result.Failure, StringComparison.Ordinal);
        }


        Assert.Equal(NodeStatus.Changed, (await node.RunAsync(LocalNode.File("a", "1"))).Status);
    }

    [Theory]
    [MemberData(nameof(Shells))]
    public async Task No_content_is_ever_an_argument_of_a_process(string shell)
    {
        using var bin = new Folder();
        foreach (var program in new[]
        {
            "echo", "printf", "test", "[", "base64", "sha256sum", "stat", "cat", "cp", "mv", "chmod", "chown", "mkdir", "rm", "sed",
        })
        {
            File.WriteAllText(bin[program], $"#!/bin/sh\n/bin/echo {program} \"$@\" >> {bin.Path}/arguments\nPATH=/usr/bin:/bin exec {program} \"$@\"\n");
            File.SetUnixFileMode(bin[program], (UnixFileMode)Convert.ToInt32("755", 8));
        }

        using var node = new LocalNode { Shell = new ShellCommand("env", [$"PATH={bin.Path}:{Environment.GetEnvironmentVariable("PATH")}", .. shell.Split(' ')]) };
        const string secret = "the private key";
        Assert.Equal(NodeStatus.Changed, (await node.RunAsync(LocalNode.File("a", secret))).Status);
        var seen = await File.ReadAllTextAsync(bin["arguments"]);
        Assert.Contains("mv -f ", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String(System.Text.Encoding.ASCII.GetBytes(secret)), seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_SELinux_is_on_files_get_the_label_of_their_place()
    {
        using var bin = new Folder();
        File.WriteAllText(bin["selinuxenabled"], "#!/bin/sh\nexit 0\n");
        File.WriteAllText(bin["restorecon"], $"#!/bin/sh\necho \"$PWD $1\" >> {bin.Path}/relabelled\n");
        foreach (var program in new[] { "selinuxenabled", "restorecon" })
            File.SetUnixFileMode(bin[program], (UnixFileMode)Convert.ToInt32("755", 8));
        using var node = new LocalNode { Shell = new ShellCommand("env", [$"PATH={bin.Path}:{Environment.GetEnvironmentVariable("PATH")}", "sh", "-s"]) };
        Assert.Equal(NodeStatus.Changed, (await node.RunAsync(LocalNode.File("pki/a", "1"), LocalNode.File("b", "1"))).Status);
        Assert.Equal($"{node.Root["pki"]} ./a\n{node.Root.Path} ./b\n", await File.ReadAllTextAsync(bin["relabelled"]));
    }

    [Fact]
    public async Task A_node_that_answers_without_end_is_given_up()
    {
        var node = new LocalNode { Shell = new ShellCommand("sh", ["-c", "while :; do echo '@sealock file 0 - - - - -' || exit; done"]) };
        using (node)
        {
            var result = await node.RunAsync(new DistributionOptions { Limit = TimeSpan.FromSeconds(2) }, LocalNode.File("a", "1"));
            Assert.Equal(NodeStatus.Untouched, result.Status);
            Assert.Matches("took too long|answers without end", result.Failure);
        }
    }

    [Fact]
    public async Task A_missing_program_is_told()
    {
        var result = await new LocalNode { Shell = new ShellCommand("no-such-ssh", []) }.RunAsync(LocalNode.File("a", "1"));
        Assert.Contains("no-such-ssh could not be started", result.Failure, StringComparison.Ordinal);
    }
}
