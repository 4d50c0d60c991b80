// SPDX-License-Identifier: Apache-2.0
namespace Sealock.EndToEnd.Cluster;

/// <summary><c>sealock pki distribute</c> to three real sshd.</summary>
public sealed class DistributeTests : ThreeNodes
{
    private const string ServerCertificate = "etc/kubernetes/pki/apiserver.crt";

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task Files_arrive_with_modes_and_owners_and_a_second_run_changes_nothing()
    {
        await StartAsync();
        var dry = (await DistributeAsync("--dry-run")).Succeeded();
        Assert.Contains("master1  would change", dry, StringComparison.Ordinal);
        Assert.Matches(@"create +/etc/kubernetes/pki/apiserver\.key  0600 \d+:\d+", dry);
        Assert.All(Nodes, node => Assert.Empty(Directory.GetFileSystemEntries(node.Root)));

        var first = (await DistributeAsync()).Succeeded();
        Assert.Equal(3, first.Split('\n').Count(line => line.Contains("  changed  ", StringComparison.Ordinal)));
        foreach (var node in Nodes)
            await AssertArrivedAsync(node);
        var stat = await StatAsync();
        var second = (await DistributeAsync()).SucceededQuietly();
        Assert.Contains("nothing has changed", second, StringComparison.Ordinal);
        Assert.Equal(stat, await StatAsync());

        // No file of one node is on another, and no secret is in what the nodes have logged.
        Assert.False(File.Exists(Nodes[2]["etc/kubernetes/pki/ca.key"]));
        Assert.All(Nodes, node => Assert.DoesNotContain("PRIVATE KEY", node.Log(), StringComparison.Ordinal));
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task A_change_keeps_the_folders_and_can_be_rolled_back()
    {
        await StartAsync();
        (await DistributeAsync()).Succeeded();
        var old = await File.ReadAllTextAsync(Nodes[0][ServerCertificate]);
        var inode = await InodeAsync(Nodes[0]["etc/kubernetes/pki"]);
        var changed = Path.Combine(Set, "nodes/master1", ServerCertificate);
        await File.AppendAllTextAsync(changed, "# renewed\n");

        var output = (await DistributeAsync("--node", "master1", "-o", "json")).Succeeded();
        Assert.Contains("\"change\": \"replaced\"", output, StringComparison.Ordinal);
        Assert.DoesNotContain("worker1", output, StringComparison.Ordinal);
        Assert.Equal(old + "# renewed\n", await File.ReadAllTextAsync(Nodes[0][ServerCertificate]));
        Assert.Equal(inode, await InodeAsync(Nodes[0]["etc/kubernetes/pki"]));

        (await DistributeAsync("--rollback", "--node", "master1")).Succeeded();
        Assert.Equal(old, await File.ReadAllTextAsync(Nodes[0][ServerCertificate]));
        Assert.Equal(inode, await InodeAsync(Nodes[0]["etc/kubernetes/pki"]));
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep")]
    public async Task A_node_that_is_down_and_one_with_a_full_disk_stop_nobody_and_are_as_they_were()
    {
        await StartAsync(fullSecond: true);
        var before = Directory.GetFileSystemEntries(Nodes[1].Root).Order().ToArray();
        await Nodes[2].StopAsync();
        var result = await DistributeAsync();
        Assert.Equal(1, result.ExitCode);
        Assert.Matches(@"master1 +changed ", result.Output);
        Assert.Matches(@"master2 +failed, untouched ", result.Output);
        Assert.Matches(@"worker1 +failed, untouched ", result.Output);
        Assert.Matches("master2: (the disk is full|.*could not be (staged|written))", result.Errors);
        Assert.Contains("worker1: ssh: connect to host 127.0.0.1", result.Errors, StringComparison.Ordinal);
        Assert.Contains("2 of 3 nodes failed", result.Errors, StringComparison.Ordinal);
        await AssertArrivedAsync(Nodes[0]);
        Assert.False(Directory.Exists(Nodes[1]["etc"]) || Directory.Exists(Nodes[1]["srv"]));
        Assert.Equal(before, Directory.GetFileSystemEntries(Nodes[1].Root).Where(path => !path.EndsWith("/var", StringComparison.Ordinal)).Order());

        // What was wrong is put right: the second run completes, the third changes nothing.
        await FreeAsync();
        await Nodes[2].StartAsync();
        var second = (await DistributeAsync()).Succeeded();
        Assert.Matches(@"master1 +unchanged ", second);
        Assert.Matches(@"master2 +changed ", second);
        Assert.Matches(@"worker1 +changed ", second);
        foreach (var node in Nodes)
            await AssertArrivedAsync(node);
        Assert.Contains("nothing has changed", (await DistributeAsync()).Succeeded(), StringComparison.Ordinal);
    }

    [PeerFact("ssh", "ssh-keygen", "pgrep", "mount")]
    public async Task Files_for_another_file_system_of_the_node_are_staged_there()
    {
        await StartAsync();
        var kubelet = Directory.CreateDirectory(Nodes[2]["var/lib/kubelet"]).FullName;
        if (!await MountAsync(kubelet, "1m"))
            return;
        (await DistributeAsync()).Succeeded();
        await AssertArrivedAsync(Nodes[2]);
        Assert.True(File.Exists(Path.Combine(kubelet, "pki/kubelet.key")));
        Assert.DoesNotContain(Directory.GetFileSystemEntries(kubelet), path => path.Contains("/.sealock", StringComparison.Ordinal));
        (await DistributeAsync("--rollback", "--node", "worker1")).Succeeded();
        Assert.False(Directory.Exists(Path.Combine(kubelet, "pki")));
        Assert.Empty(Directory.GetFileSystemEntries(kubelet));
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
                "--ssh-option", $"UserKnownHostsFile={Folder["known_hosts"]}"])).Failed();
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

    private async Task<string> StatAsync() => (await Tool.RunAsync(
        "find", [.. Nodes.Select(node => node.Root), "-path", "*/var/lib/sealock", "-prune", "-o", "-printf", "%p %i %m %u %T@\n"])).Succeeded();

    private static async Task<string> InodeAsync(string path) => (await Tool.RunAsync("stat", ["-c", "%i", path])).Succeeded();
}
