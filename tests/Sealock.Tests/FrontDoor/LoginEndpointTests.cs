// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Gateway.Addresses;
using Sealock.Gateway.Forwarding;
using Sealock.Gateway.Limits;
using Sealock.Gateway.Users;
using Sealock.Tests.Gateway;
using Sealock.Tests.Support;

namespace Sealock.Tests.FrontDoor;

public sealed class LoginEndpointTests : IDisposable
{
    private const string Password = "correct horse battery";

    private readonly PasswordVerifier _passwords = new(1_000);
    private readonly Lines _log = new();
    private readonly LoginEndpoint _logins;

    public LoginEndpointTests()
    {
        var clock = new FakeTimeProvider();
        var users = new LocalUsers(["api"], clock);
        users.Take(new ObjectChange(LocalUserDefinition.Plural, "", "jane", JsonNode.Parse("""{"metadata":{"name":"jane","uid":"1"}}""")!.AsObject()));
        var hash = PasswordHash.Create(Password, 1_000);
        _logins = new LoginEndpoint(new LoginOptions
        {
            Client = new ApiClient(new MemoryApiServer()),
            Objects = new ObjectsInMemory().Put(
                "sealock.dev", "localuserpasswords", $$$"""{"metadata":{"name":"jane"},"spec":{"hash":"{{{hash}}}","userUID":"1"}}"""),
            Users = users,
            Passwords = _passwords,
            Clock = clock,
            Log = _log,
        });
    }

    public void Dispose() => _passwords.Dispose();

    [Fact]
    public async Task Strangers_who_try_passwords_do_not_lock_a_user_out_from_where_she_came_in_before()
    {
        await using var rig = await StartAsync();
        Assert.Equal(201, await LogInAsync(rig, "192.0.2.1", "jane", Password));
        var refused = new List<int>();
        foreach (var stranger in new[] { "198.51.100.1", "198.51.100.2" })
        {
            for (var i = 0; i < 20; i++)
                refused.Add(await LogInAsync(rig, stranger, "jane", "wrong wrong wrong"));
        }

        Assert.Equal(429, refused[^1]);
        Assert.Equal(429, await LogInAsync(rig, "192.0.2.9", "jane", Password));
        Assert.Equal(201, await LogInAsync(rig, "192.0.2.1", "jane", Password));
    }

    [Fact]
    public async Task A_password_is_its_users_and_not_a_later_ones_of_the_same_name()
    {
        var server = new MemoryApiServer();
        var store = new LocalUserStore(new ApiClient(server));
        var ann = await store.CreateAsync("ann", [], mayExist: false, CancellationToken.None);
        await store.SetPasswordAsync(ann, PasswordHash.Create("another", 1_000), CancellationToken.None);
        await store.SetPasswordAsync(ann, PasswordHash.Create(Password, 1_000), CancellationToken.None);
        var stored = new ObjectsInMemory().Put("sealock.dev", "localuserpasswords", server.Find("/apis/sealock.dev/v1/localuserpasswords/ann")!);
        Assert.True(LocalUserStore.FindPassword(stored, "ann", (string)ann["metadata"]!["uid"]!)?.Matches(Password));
        Assert.Null(LocalUserStore.FindPassword(stored, "ann", "later"));
        Assert.Null(LocalUserStore.FindPassword(stored, "ann", ""));
    }

    [Fact]
    public async Task What_is_no_users_name_is_not_logged_for_it_may_be_a_password()
    {
        await using var rig = await StartAsync();
        Assert.Equal(401, await LogInAsync(rig, "192.0.2.1", "correct-horse-battery", "jane"));
        Assert.Equal(401, await LogInAsync(rig, "192.0.2.1", "jane", "wrong wrong wrong"));
        Assert.Equal(2, _log.Count);
        Assert.DoesNotContain(_log, line => line.Contains("horse", StringComparison.Ordinal));
        Assert.Contains(_log, line => line.Contains("jane from 192.0.2.1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"username":"\ud800","password":"x"}""")]
    [InlineData("""{"username":"jane","password":"\udfff"}""")]
    [InlineData("""{"username":"jane","username":"ann","password":"x"}""")]
    [InlineData("""{"username":"jane","password":"x","expirationSeconds":"600"}""")]
    [InlineData("""{"username":"jane","password":"x","expirationSeconds":599}""")]
    [InlineData("""["jane"]""")]
    [InlineData("")]
    public async Task What_is_malformed_is_answered_400(string body)
    {
        await using var rig = await StartAsync();
        Assert.Equal(400, await PostAsync(rig, "192.0.2.1", body));
    }

    private Task<GatewayRig> StartAsync() => GatewayRig.StartAsync(options => options with
    {
        Mounts = _logins.Mounts,
        Traffic = new TrafficPolicy { TrustedProxies = CidrSet.Parse("127.0.0.0/8"), Forwarded = ForwardedForm.XForwarded },
    });

    private static Task<int> LogInAsync(GatewayRig rig, string from, string user, string password) =>
        PostAsync(rig, from, new JsonObject { ["username"] = user, ["password"] = password }.ToJsonString());

    private static async Task<int> PostAsync(GatewayRig rig, string from, string body)
    {
        using var client = rig.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/login") { Content = new StringContent(body) };
        request.Headers.Add("X-Forwarded-For", from);
        using var answer = await client.SendAsync(request);
        return (int)answer.StatusCode;
    }
}
