// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Cluster.Distributing;
using Sealock.Tests.Cluster.Staging;

namespace Sealock.Tests.Cluster.Distributing;

/// <summary>
/// Kills the node's shell as it starts its n-th program, or cuts the script that it is sent, and looks at what is left.
/// SEALOCK_NODE_KILLS sets how many of the places are tried (default: a few).
/// </summary>
public sealed class NodeInterruptionTests : IDisposable
{
    private static readonly string[] Programs = ["stat", "sha256sum", "base64", "mv", "cp", "rm", "mkdir", "rmdir", "chmod", "chown", "sync", "sed", "readlink"];

    private static readonly NodeFile[] Old = [LocalNode.File("pki/a", "old a"), LocalNode.File("pki/b", "b", 644), LocalNode.File("same", "s")];
    private static readonly NodeFile[] New =
        [LocalNode.File("pki/a", "new a"), LocalNode.File("pki/b", "b"), LocalNode.File("more/deep/c", "c"), LocalNode.File("same", "s")];

    private const string Before = "pki/ 700\npki/a 600 old a\npki/b 644 b\nsame 600 s";
    private const string After = "more/ 700\nmore/deep/ 700\nmore/deep/c 600 c\npki/ 700\npki/a 600 new a\npki/b 600 b\nsame 600 s";

    private readonly Folder _bin = new();

    public void Dispose() => _bin.Dispose();

    [Fact]
    public async Task After_a_kill_at_any_moment_the_next_run_finds_a_whole_set_and_completes()
    {
        var all = await CountAsync();
        Assert.InRange(all, 60, 400);
        var count = int.Parse(Environment.GetEnvironmentVariable("SEALOCK_NODE_KILLS") ?? "6", CultureInfo.InvariantCulture);
        var places = Enumerable.Range(1, all).ToArray();
        new Random(count).Shuffle(places);
        foreach (var place in places.Take(count))
        {
            using var node = new LocalNode { Shell = Killing(place) };
            await WithoutKillAsync(node, Old);
            var interrupted = await node.RunAsync(New);

            // Before anything is put right, the set is whole, or a journal tells how to make it so.
            var text = node.Text();
            if (text != Before && text != After)
                Assert.True(node.State().Contains("journal") || node.State().Contains("undo"), $"{place}: {text}\n{interrupted}");
            await WithoutKillAsync(node, New);
            Assert.Equal(After, node.Text());
            Assert.DoesNotContain(node.State(), name => name is "journal" or "undo" || name.StartsWith("stage-", StringComparison.Ordinal));
            await NoKillAsync(node, () => node.RollBackAsync());
            Assert.Equal(Before, node.Text());
        }
    }

    [Fact]
    public async Task A_script_that_arrives_in_part_changes_nothing()
    {
        using var node = new LocalNode();
        await node.RunAsync(Old);
        var before = node.Text();
        var folders = NodePlan.Folders(New.Select(file => file.Path));
        var files = New.Select(file => file.Path).ToList();
        var look = await RemoteShell.RunAsync(
            node.Shell, NodeScript.Look(node.Root.Path, true, TimeSpan.Zero, [LocalNode.Self], files, folders), TimeSpan.FromMinutes(1), TimeProvider.System, default);
        var answer = NodeAnswer.Read(look.Answers, [LocalNode.Self], files, folders);
        var set = new NodeShipment("node", node.Shell, New).ToChangeSet(answer.Owner);
        var plan = Sealock.Cluster.Staging.ChangePlan.Compare(set, answer.File, answer.Folder);
        var contents = New.ToDictionary(file => file.Path, file => file.Content);
        var script = NodeScript.Change(node.Root.Path, TimeSpan.Zero, NodePlan.Change("0123456789ab", plan, answer, contents));
        var calls = script.IndexOf("\nopen '", StringComparison.Ordinal);
        var last = script.IndexOf("\ngo complete 5\n", StringComparison.Ordinal);
        Assert.InRange(calls, 1, last);
        for (var at = last + "\ngo complete 5".Length - 1; at > calls; at -= at > last - 5 ? 1 : 97)
        {
            await RemoteShell.RunAsync(node.Shell, script[..at], TimeSpan.FromMinutes(1), TimeProvider.System, default);
            Assert.Equal(before, node.Text());
            Assert.DoesNotContain(node.State(), name => name is "journal" or "undo" || name.Contains("0123456789ab", StringComparison.Ordinal));
        }

        var whole = await RemoteShell.RunAsync(node.Shell, script, TimeSpan.FromMinutes(1), TimeProvider.System, default);
        Assert.Contains("completed", whole.Answers);
        Assert.Equal(After, node.Text());
    }

    private static async Task<NodeResult> WithoutKillAsync(LocalNode node, NodeFile[] files) =>
        await NoKillAsync(node, () => node.RunAsync(files));

    private static async Task<NodeResult> NoKillAsync(LocalNode node, Func<Task<NodeResult>> run)
    {
        var off = Path.Combine(Path.GetDirectoryName(node.Shell.Program) ?? "", "off");
        await File.WriteAllTextAsync(off, "");
        var result = await run();
        File.Delete(off);
        Assert.Null(result.Failure);
        return result;
    }

    private async Task<int> CountAsync()
    {
        using var node = new LocalNode { Shell = Killing(int.MaxValue) };
        await WithoutKillAsync(node, Old);
        await node.RunAsync(New);
        return File.ReadAllLines(_bin["count"]).Length;
    }

    /// <summary>A shell whose programs count themselves, and of which the n-th one kills it instead of doing its work.</summary>
    private ShellCommand Killing(int place)
    {
        var folder = _bin.Path;
        foreach (var program in Programs)
        {
            Script(program, $"""
                #!/bin/sh
                if [ ! -e {folder}/off ]; then
                  echo {program} >> {folder}/count
                  set -- "$@"
                  if [ "$(wc -l < {folder}/count)" -eq {place} ]; then kill -9 "$(cat {folder}/pid)"; exit 1; fi
                fi
                PATH=/usr/local/bin:/usr/bin:/bin exec {program} "$@"
                """);
        }

        File.WriteAllText(_bin["count"], "");
        Script("shell", $"""
            #!/bin/sh
            echo $$ > {folder}/pid
            PATH={folder}:$PATH exec sh -s
            """);
        return new ShellCommand(_bin["shell"], []);
    }

    private void Script(string name, string text)
    {
        File.WriteAllText(_bin[name], text + "\n");
        File.SetUnixFileMode(_bin[name], (UnixFileMode)Convert.ToInt32("755", 8));
    }
}
