// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;
using Sealock.Commands.FrontDoor;
using Sealock.Gateway.Setup;
using Sealock.Tests.Support;

namespace Sealock.Tests.FrontDoor;

public sealed class ServerSetupTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("k8s.example.com", true)]
    [InlineData("k8s", true)]
    [InlineData("10.0.0.1", true)]
    [InlineData("fd00::1", true)]
    [InlineData("", false)]
    [InlineData("K8s.example.com", false)]
    [InlineData("k8s_1.example.com", false)]
    [InlineData("*.example.com", false)]
    [InlineData("k8s.example.com.", false)]
    [InlineData("https://k8s.example.com", false)]
    [InlineData("k8s.example.com:6443", false)]
    [InlineData("10.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1%2", false)]
    [InlineData("example.7", false)]
    [InlineData("a123456789012345678901234567890123456789012345678901234567890123.example.com", false)]
    [InlineData("a12345678901234567890123456789012345678901234567890123456789012.example.com", true)]
    public void A_host_name_is_a_name_in_lower_case_or_an_address(string hostname, bool good) =>
        Assert.Equal(good, ServerSetupRules.RefuseHostname(hostname) is null);

    public static TheoryData<string, bool> Changes() => new()
    {
        { """{"hostname": "old.example"}""", true },
        { """{"hostname": "old.example", "previousHostnames": [{"hostname": "older.example", "until": "2026-04-01T00:00:00Z"}]}""", true },
        { """{"hostname": "new.example"}""", false },
        { """{"hostname": "new.example", "previousHostnames": [{"hostname": "old.example", "until": "2026-03-01T11:59:59Z"}]}""", false },
        { """{"hostname": "new.example", "previousHostnames": [{"hostname": "other.example", "until": "2026-04-01T00:00:00Z"}]}""", false },
        { """{"hostname": "new.example", "previousHostnames": [{"hostname": "old.example", "until": "2026-04-01T00:00:00Z"}]}""", true },
        { """{"hostname": "new.example", "previousHostnames": [{"hostname": "new.example", "until": "2026-04-01T00:00:00Z"}, {"hostname": "old.example", "until": "2026-04-01T00:00:00Z"}]}""", false },
        { """{"hostname": "not a name", "previousHostnames": [{"hostname": "old.example", "until": "2026-04-01T00:00:00Z"}]}""", false },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void The_host_name_changes_only_while_the_one_before_is_served_on(string spec, bool allowed)
    {
        var errors = ServerSetupRules.Check(Operation(Setup(spec), Setup("""{"hostname": "old.example"}"""))).ToList();
        Assert.Equal(allowed, errors.Count == 0);
    }

    [Fact]
    public void Moves_there_and_back_and_on_list_every_name_once_and_drop_those_whose_time_is_over()
    {
        var setup = Setup("""{"hostname": "a.example"}""");
        setup = Moved(setup, "b.example", Now, TimeSpan.FromDays(30));
        setup = Moved(setup, "c.example", Now.AddDays(1), TimeSpan.FromDays(2));
        var view = SetupView.Read(setup);
        Assert.Equal(["c.example", "b.example", "a.example"], view.NamesAt(Now.AddDays(2)));
        Assert.Equal(["c.example", "a.example"], view.NamesAt(Now.AddDays(4)));
        Assert.Equal(Now.AddDays(3), view.NextChange(Now.AddDays(2)));
        Assert.Equal(Now.AddDays(30), view.NextChange(Now.AddDays(3)));
        Assert.Null(view.NextChange(Now.AddDays(30)));
        setup = Moved(setup, "a.example", Now.AddDays(4), TimeSpan.FromDays(1));
        Assert.Equal(["a.example", "c.example"], SetupView.Read(setup).NamesAt(Now.AddDays(4)));
        Assert.Equal(["a.example"], SetupView.Read(setup).NamesAt(Now.AddDays(6)));
    }

    [Fact]
    public void Only_the_secret_itself_matches()
    {
        var secret = SetupSecret.Generate();
        Assert.Equal(43, secret.Text.Length);
        Assert.True(secret.Matches(secret.Text));
        Assert.False(secret.Matches(""));
        Assert.False(secret.Matches(secret.Text[..42]));
        Assert.False(secret.Matches(secret.Text + "A"));
        Assert.False(secret.Matches(new string('x', 100_000)));
        Assert.False(secret.Matches(SetupSecret.Generate().Text));
        Assert.DoesNotContain(secret.Text, secret.ToString(), StringComparison.Ordinal);
    }

    private static JsonObject Moved(JsonObject setup, string hostname, DateTimeOffset now, TimeSpan overlap)
    {
        var moved = SetupMove.Moved(setup, hostname, now + overlap, now);
        Assert.Empty(ServerSetupRules.Check(Operation(moved, setup, now)));
        return moved;
    }

    private static JsonObject Setup(string spec) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = "server" },
        ["spec"] = JsonNode.Parse(spec),
    };

    private static ObjectOperation Operation(JsonObject next, JsonObject? old, DateTimeOffset? now = null) => new()
    {
        Definition = ServerSetupDefinition.Value,
        Verb = old is null ? "create" : "update",
        User = new UserInfo { Name = "jane" },
        Namespace = "",
        Name = "server",
        Object = next,
        Old = old,
        Now = now ?? Now,
        Authorizer = new Everything(),
        Objects = new ObjectsInMemory(),
    };
}
