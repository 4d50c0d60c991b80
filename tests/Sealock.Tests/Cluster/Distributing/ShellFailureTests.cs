// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Distributing;

namespace Sealock.Tests.Cluster.Distributing;

public sealed class ShellFailureTests
{
    [Theory]
    [InlineData(255, "", "ssh: connect to host node1 port 22: Connection refused", "ssh: connect to host node1 port 22: Connection refused")]
    [InlineData(255, "", "", "ssh: the connection broke")]
    [InlineData(255, "", "Host key verification failed.", "the node's host key is not known or has changed")]
    [InlineData(255, "", "root@node1: Permission denied (publickey).", "ssh-copy-id")]
    [InlineData(1, "", "sudo: a password is required", "NOPASSWD")]
    [InlineData(1, "failed there is no folder /x", "", "there is no folder /x")]
    [InlineData(1, "failed a could not be staged", "base64: write error: No space left on device", "the disk is full: make room there (a could not be staged)")]
    [InlineData(1, "undone a could not be replaced", "mv: cannot move: Read-only file system", "the file system is read-only")]
    [InlineData(127, "", "sh: stat: not found", "sh: stat: not found")]
    [InlineData(137, "user 0", "", "ended early (exit code 137)")]
    public void A_failure_is_told_in_one_line_with_its_remedy(int exitCode, string answer, string error, string told) =>
        Assert.Contains(told, ShellFailure.Explain(Result(exitCode, answer, error)), StringComparison.Ordinal);

    [Theory]
    [InlineData("completed", NodeStatus.Changed)]
    [InlineData("failed x", NodeStatus.Untouched)]
    [InlineData("undone x", NodeStatus.Undone)]
    [InlineData("unfinished x", NodeStatus.Unfinished)]
    [InlineData("user 0", NodeStatus.Unfinished)]
    public void What_the_node_says_last_tells_how_it_stands(string answer, NodeStatus status)
    {
        var result = NodeDistribution.Outcome(new NodeResult("node", NodeStatus.Unchanged, []), Result(status == NodeStatus.Changed ? 0 : 1, answer, ""));
        Assert.Equal(status, result.Status);
        Assert.Equal(status != NodeStatus.Changed, result.HasFailed);
    }

    [Fact]
    public void A_node_that_takes_too_long_is_told_so() =>
        Assert.Contains("--timeout", ShellFailure.Explain(new ShellResult(-1, [], [], TimedOut: true)), StringComparison.Ordinal);

    private static ShellResult Result(int exitCode, string answer, string error) =>
        new(exitCode, answer.Length == 0 ? [] : [answer], error.Length == 0 ? [] : [error], TimedOut: false);
}
