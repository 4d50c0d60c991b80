// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Distributing;

namespace Sealock.Tests.Cluster.Distributing;

public sealed class SshTargetTests
{
    [Theory]
    [InlineData("10.0.0.1", "10.0.0.1", null, null)]
    [InlineData("node1.example.com:2222", "node1.example.com", 2222, null)]
    [InlineData("admin@node1", "node1", null, "admin")]
    [InlineData("admin@fd00::1", "fd00::1", null, "admin")]
    [InlineData("admin@[fd00::1]:22", "fd00::1", 22, "admin")]
    [InlineData("DOMAIN\\admin@my_alias", "my_alias", null, "DOMAIN\\admin")]
    public void A_way_to_a_node_is_read(string text, string host, int? port, string? user) =>
        Assert.Equal(new SshTarget(host, port, user), SshTarget.TryParse(text));

    [Theory]
    [InlineData("")]
    [InlineData("-oProxyCommand=id")]
    [InlineData("admin@-oProxyCommand=id")]
    [InlineData("-l@node1")]
    [InlineData("node1:0")]
    [InlineData("node1:65536")]
    [InlineData("node1:x")]
    [InlineData("node 1")]
    [InlineData("node1;id")]
    [InlineData("node1\n")]
    [InlineData("@node1")]
    public void What_ssh_could_take_for_something_else_is_refused(string text) => Assert.Null(SshTarget.TryParse(text));

    [Fact]
    public void The_users_own_options_come_first_and_the_host_after_all_options()
    {
        var command = ShellCommand.Ssh(new SshTarget("node1", 2222, "admin"), ["ConnectTimeout=1"], sudo: true);
        Assert.Equal("ssh", command.Program);
        var line = string.Join(' ', command.Arguments);
        Assert.StartsWith("-T -a -x -o ConnectTimeout=1 -o BatchMode=yes ", line, StringComparison.Ordinal);
        Assert.EndsWith("-p 2222 -l admin -- node1 exec sudo -n /bin/sh -s", line, StringComparison.Ordinal);
    }
}
