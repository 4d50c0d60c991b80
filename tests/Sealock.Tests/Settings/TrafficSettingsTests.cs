// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Security;
using Sealock.Commands;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;
using Sealock.Hosting;
using Sealock.Settings;
using Sealock.Tests.Support;

namespace Sealock.Tests.Settings;

public sealed class TrafficSettingsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sealock-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Without_a_word_everyone_may_come_and_a_user_has_half_of_the_places()
    {
        var policy = Read().Traffic;
        Assert.True(policy.Clients.Admits(IPAddress.Parse("192.0.2.1")));
        Assert.True(policy.TrustedProxies.IsEmpty);
        Assert.Equal((200, 100, 5000, 0.0), (policy.PerUser.Reading, policy.PerUser.Mutating, policy.PerUser.Streams, policy.PerUser.PerSecond));
        Assert.Equal(10_000, policy.ConnectionsPerAddress);
        Assert.Equal((new ServerSettings { DataDirectory = "", Listen = [] }).Traffic.PerUser, policy.PerUser);
        Assert.Equal((50, 0), (
            Read("--max-requests-inflight=100").Traffic.PerUser.Reading, Read("--max-requests-inflight=0").Traffic.PerUser.Reading));
    }

    [Fact]
    public void Flags_say_all_that_there_is_to_say()
    {
        var policy = Read(
            "--allow-cidrs=10.0.0.0/8,2001:db8::/32", "--allow-cidrs=127.0.0.0/8", "--deny-cidrs=10.9.0.0/16",
            "--address-rule=user=jane,group=system:masters,allow=10.1.0.0/16,deny=10.1.2.3",
            "--trusted-proxies=10.0.0.1", "--tls-mode=external", "--proxy-protocol=optional", "--forwarded-header=forwarded",
            "--requests-per-second-per-user=10", "--requests-per-second-per-address=20", "--request-burst-per-address=25",
            "--limit-exempt-groups=oncall").Traffic;
        bool From(string address) => policy.Clients.Admits(IPAddress.Parse(address));
        Assert.Equal([true, true, true, false, false], new[] { "10.1.1.1", "2001:db8::1", "127.0.0.1", "10.9.0.1", "192.0.2.1" }.Select(From));
        bool Jane(string address) => policy.Admits(new UserInfo { Name = "jane" }, IPAddress.Parse(address));
        Assert.Equal([true, false, false], new[] { "10.1.9.9", "10.1.2.3", "192.0.2.1" }.Select(Jane));
        Assert.False(policy.Admits(new UserInfo { Name = "ann", Groups = ["system:masters"] }, IPAddress.Parse("192.0.2.1")));
        Assert.True(policy.Admits(new UserInfo { Name = "ann" }, IPAddress.Parse("192.0.2.1")));
        Assert.True(policy.TrustedProxies.Contains(IPAddress.Parse("10.0.0.1")));
        Assert.Equal((true, ProxyProtocolUse.Optional, ForwardedForm.Forwarded), (policy.ExternalTls, policy.ProxyProtocol, policy.Forwarded));
        Assert.Equal((10.0, 20), (policy.PerUser.PerSecond, policy.PerUser.Burst));
        Assert.Equal((20.0, 25), (policy.PerAddress.PerSecond, policy.PerAddress.Burst));
        Assert.True(policy.IsExempt(new UserInfo { Name = "x", Groups = ["oncall"] }));
        Assert.True(policy.IsExempt(new UserInfo { Name = "x", Groups = ["system:masters"] }));
        Assert.False(policy.IsExempt(new UserInfo { Name = "x", Groups = ["devs"] }));
    }

    [Theory]
    [InlineData("--allow-cidrs=10.1.2.3/8", "did you mean 10.0.0.0/8?")]
    [InlineData("--deny-cidrs=office", "write it like 10.0.0.0/8")]
    [InlineData("--allow-cidrs=", "names no range of addresses")]
    [InlineData("--external-tls", "--trusted-proxies")]
    [InlineData("--proxy-protocol=required", "--trusted-proxies")]
    [InlineData("--forwarded-header=x-forwarded", "--trusted-proxies")]
    [InlineData("--forwarded-header=both", "none of none, x-forwarded, forwarded")]
    [InlineData("--trusted-proxies=10.0.0.1 --external-tls", "give --forwarded-header=x-forwarded")]
    [InlineData("--external-tls-assumed", "--external-tls; give that too")]
    [InlineData("--address-rule=allow=10.0.0.0/8", "about nobody")]
    [InlineData("--address-rule=user=jane", "says nothing")]
    [InlineData("--address-rule=jane", "write it like group=admins,allow=10.0.0.0/8")]
    [InlineData("--request-burst-per-user=5", "needs --requests-per-second-per-user")]
    [InlineData("--max-connections-per-address=many", "is not a whole number")]
    public void A_mistake_is_told_with_its_remedy(string flags, string remedy) => Assert.Contains(
        remedy, Assert.Throws<CommandException>(() => Read(flags.Split(' '))).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("--tls-ca-file")]
    [InlineData("--acme-ca-file")]
    public void A_file_of_cas_without_any_is_a_mistake(string flag)
    {
        var file = Path.Combine(_folder, "empty.crt");
        File.WriteAllText(file, "none\n");
        Assert.Contains($"{flag}: {file}", Assert.Throws<CommandException>(() => Read($"{flag}={file}")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--allow-cidrs=10.0.0.0/8", "127.0.0.0/8")]
    [InlineData("--trusted-proxies=0.0.0.0/0", "whoever can connect")]
    public void What_is_unwise_is_said(string flag, string warning) => Assert.Contains(
        warning, Assert.Single(ServerCommand.Read(["--data", _folder, flag]).Warnings), StringComparison.Ordinal);

    [Fact]
    public void A_file_says_the_same_and_rules_as_mappings()
    {
        var settings = ServerCommand.Read(["--config", Write("""
            trustedProxies: [10.0.0.1, 10.0.0.2]
            forwardedHeader: x-forwarded
            externalTls: true
            requestsPerSecondPerUser: 5
            addressRule:
            - groups: [admins]
              allow: [10.0.0.0/8]
            - user=jane,deny=192.0.2.0/24
            """)]).Settings;
        Assert.True(settings.Traffic.ExternalTls);
        Assert.True(settings.Traffic.TrustedProxies.Contains(IPAddress.Parse("10.0.0.2")));
        Assert.False(settings.Traffic.Admits(new UserInfo { Name = "ann", Groups = ["admins"] }, IPAddress.Parse("192.0.2.1")));
        Assert.False(settings.Traffic.Admits(new UserInfo { Name = "jane" }, IPAddress.Parse("192.0.2.1")));
        Assert.Equal((5.0, 10), (settings.Traffic.PerUser.PerSecond, settings.Traffic.PerUser.Burst));
    }

    [Theory]
    [InlineData("addressRule: [{groups: [a], alow: [10.0.0.0/8]}]", "alow is not known")]
    [InlineData("addressRule: [{groups: a, allow: [10.0.0.0/8]}]", "groups takes a list of texts")]
    [InlineData("addressRule: [{groups: [a], allow: [10.0.0.0/33]}]", "from 0 to 32")]
    [InlineData("allowCidrs: [{a: b}]", "takes a list of plain values")]
    [InlineData("allowCidrs: []", "is an empty list")]
    [InlineData("addressRule: [{groups: [a], allow: ['']}]", "names no range of addresses")]
    public void A_mistake_in_the_file_is_told_with_its_remedy(string line, string remedy) => Assert.Contains(
        remedy, Assert.Throws<CommandException>(() => ServerCommand.Read(["--config", Write(line)])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_file_that_changes_takes_effect_and_one_with_a_mistake_does_not()
    {
        var file = Write("requestsPerSecondPerUser: 5");
        var origin = ServerCommand.Read(["--config", file, "--deny-cidrs=192.0.2.0/24"]).Settings.Origin;
        Assert.NotNull(origin);
        var seen = new List<TrafficPolicy>();
        using var reload = new SettingsReload(origin, seen.Add, new FakeTimeProvider(), NullLogger.Instance);
        reload.Check();
        Assert.Empty(seen);

        Write("requestsPerSecondPerUser: 50");
        reload.Check();
        Assert.Equal(50.0, Assert.Single(seen).PerUser.PerSecond);
        // Flags go on to hold.
        Assert.False(seen[0].Clients.Admits(IPAddress.Parse("192.0.2.1")));

        Write("requestsPerSecondPerUser: fifty");
        reload.Check();
        Assert.Single(seen);
        Write("requestsPerSecondPerUser: 7");
        reload.Check();
        Assert.Equal(7.0, seen[1].PerUser.PerSecond);
    }

    [Fact]
    public void What_changed_before_anybody_looked_takes_effect_too()
    {
        var origin = ServerCommand.Read(["--config", Write("requestsPerSecondPerUser: 5")]).Settings.Origin!;
        Write("requestsPerSecondPerUser: 6");
        var seen = new List<TrafficPolicy>();
        using var reload = new SettingsReload(origin, seen.Add, new FakeTimeProvider(), NullLogger.Instance);
        Assert.Equal(6.0, Assert.Single(seen).PerUser.PerSecond);
    }

    [Fact]
    public void What_is_read_at_the_start_only_is_named()
    {
        var file = Write("requestTimeout: 10s\nallowCidrs: [127.0.0.0/8]\nhttpPort: 80");
        var origin = ServerCommand.Read(["--config", file]).Settings.Origin!;
        Write("requestTimeout: 20s\nallowCidrs: [127.0.0.1]");
        Assert.Equal(["httpPort", "requestTimeout"], SettingsReload.WaitingForStart(origin.Given, origin.ReadAgain().Origin!.Given));
    }

    private ServerSettings Read(params string[] flags) => ServerCommand.Read(["--data", _folder, .. flags]).Settings;

    private string Write(string lines)
    {
        var file = Path.Combine(_folder, "server.yaml");
        File.WriteAllText(file, $"apiVersion: sealock.dev/v1\nkind: ServerConfiguration\ndata: {_folder}\n{lines}\n");
        return file;
    }
}
