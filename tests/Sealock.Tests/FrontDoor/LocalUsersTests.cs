// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Users;
using Sealock.Tests.Gateway;
using Sealock.Tests.Support;

namespace Sealock.Tests.FrontDoor;

public sealed class LocalUsersTests
{
    private const string Token = "sealock_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private readonly FakeTimeProvider _clock = new();
    private readonly LocalUsers _users;
    private int _withdrawn;

    public LocalUsersTests()
    {
        _users = new LocalUsers(["api"], _clock);
        _users.Withdrawn += () => _withdrawn++;
        TakeUser("jane", "1", """["developers"]""");
        TakeToken("login-1", "jane", "1", "2026-03-01T20:00:00Z");
    }

    [Fact]
    public async Task A_token_is_its_user_with_the_groups_of_now()
    {
        var user = await AskAsync();
        Assert.Equal(("jane", "1"), (user?.Name, user?.Uid));
        Assert.Equal("developers", string.Join(',', user!.Groups));
        Assert.Equal("JTI=login-1", Assert.Single(user.Extra["authentication.kubernetes.io/credential-id"]));
        Assert.True(_users.StillHold(user));
        TakeUser("jane", "1", """["operators"]""");
        Assert.Equal("operators", string.Join(',', (await AskAsync())!.Groups));
        Assert.Equal(0, _withdrawn);
        Assert.Null(await _users.AuthenticateAsync(Token + "x", [], CancellationToken.None));
        Assert.Null(await _users.AuthenticateAsync(Token, ["vault"], CancellationToken.None));
        Assert.NotNull(await _users.AuthenticateAsync(Token, ["vault", "api"], CancellationToken.None));
    }

    public static TheoryData<string, int> Ends() => new()
    {
        { "token deleted", 1 }, { "user disabled", 1 }, { "user deleted", 1 }, { "another user of that name", 2 }, { "expired", 0 },
    };

    [Theory]
    [MemberData(nameof(Ends))]
    public async Task It_ends_with_what_it_hangs_on(string how, int told)
    {
        var user = await AskAsync();
        Assert.NotNull(user);
        switch (how)
        {
            case "token deleted":
                _users.Take(new ObjectChange(LoginTokenDefinition.Plural, "", "login-1", null));
                break;
            case "user disabled":
                TakeUser("jane", "1", "[]", disabled: true);
                break;
            case "user deleted":
                _users.Take(new ObjectChange(LocalUserDefinition.Plural, "", "jane", null));
                break;
            case "another user of that name":
                _users.Take(new ObjectChange(LocalUserDefinition.Plural, "", "jane", null));
                TakeUser("jane", "2", "[]");
                _users.Take(new ObjectChange(LocalUserDefinition.Plural, "", "jane", null));
                break;
            default:
                _clock.Advance(TimeSpan.FromHours(8));
                break;
        }

        Assert.Null(await AskAsync());
        Assert.False(_users.StillHold(user));
        Assert.Equal(told, _withdrawn);
        Assert.Equal(how is "user disabled" or "token deleted" ? 0 : 1, _users.Expired(_clock.GetUtcNow()).Count);
    }

    [Fact]
    public void Those_who_came_in_otherwise_are_none_of_its_business()
    {
        Assert.True(_users.StillHold(new UserInfo { Name = "jane" }));
        Assert.True(_users.StillHold(UserInfo.ServiceAccount("default", "x") with
        {
            Extra = ImmutableDictionary<string, ImmutableArray<string>>.Empty.Add("authentication.kubernetes.io/credential-id", ["JTI=5f0c"]),
        }));
    }

    [Theory]
    [InlineData("""["developers", "kubeadm:cluster-admins"]""", true)]
    [InlineData("""["system:masters"]""", false)]
    [InlineData("""["a", "a"]""", false)]
    [InlineData("""[""]""", false)]
    public void Groups_of_the_system_are_given_to_nobody(string groups, bool good)
    {
        var errors = LocalUserDefinition.Value.Validate!(Operation(User("jane", "1", groups), new Everything()));
        Assert.Equal(good, !errors.Any());
    }

    [Fact]
    public void Nobody_makes_a_user_whom_he_may_not_impersonate_nor_a_token()
    {
        var operation = Operation(User("jane", "1", """["developers"]"""), new MastersOnly());
        Assert.Equal(403, Assert.Throws<ApiException>(() => LocalUserDefinition.Value.ValidatingAdmission[0](operation)).Code);
        LocalUserDefinition.Value.ValidatingAdmission[0](Operation(User("jane", "1", """["developers"]"""), new Everything()));
        Assert.Equal(403, Assert.Throws<ApiException>(() => LoginTokenDefinition.Value.ValidatingAdmission[0](
            Operation(User("jane", "1", "[]"), new Everything()))).Code);
    }

    [Theory]
    [InlineData("pbkdf2-sha512:210000:c2FsdHNhbHRzYWx0c2FsdA==:715rqIr5dXOVPpBhqqsugl037zT5bWJTWYmZtIcK8hA=", true)]
    [InlineData("correct horse battery", false)]
    [InlineData("", false)]
    public void Passwords_are_kept_as_hashes_and_set_by_who_may_act_as_the_user(string hash, bool good)
    {
        var password = new JsonObject { ["spec"] = new JsonObject { ["userUID"] = "1", ["hash"] = hash } };
        var errors = LocalUserPasswordDefinition.Value.Validate!(Operation(password, new Everything())).ToList();
        Assert.Equal(good, errors.Count == 0);
        Assert.DoesNotContain(errors, error => hash.Length > 0 && error.ToString().Contains(hash, StringComparison.Ordinal));
        Assert.True(LocalUserPasswordDefinition.Value.Encrypted);
        Assert.Equal(403, Assert.Throws<ApiException>(() => LocalUserPasswordDefinition.Value.ValidatingAdmission[0](
            Operation(password, new MastersOnly()))).Code);
        LocalUserPasswordDefinition.Value.ValidatingAdmission[0](Operation(password, new Everything()));
    }

    private async Task<UserInfo?> AskAsync() => (await _users.AuthenticateAsync(Token, [], CancellationToken.None))?.User;

    private void TakeUser(string name, string uid, string groups, bool disabled = false)
    {
        var user = User(name, uid, groups);
        user["spec"]!["disabled"] = disabled;
        _users.Take(new ObjectChange(LocalUserDefinition.Plural, "", name, user));
    }

    private void TakeToken(string name, string user, string uid, string expires) =>
        _users.Take(new ObjectChange(LoginTokenDefinition.Plural, "", name, new JsonObject
        {
            ["spec"] = new JsonObject
            {
                ["user"] = user,
                ["userUID"] = uid,
                ["expires"] = expires,
                ["tokenSHA256"] = LocalUsers.HashOf(Token),
            },
        }));

    private static JsonObject User(string name, string uid, string groups) => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["uid"] = uid },
        ["spec"] = new JsonObject { ["groups"] = JsonNode.Parse(groups) },
    };

    private static ObjectOperation Operation(JsonObject next, IAuthorizer authorizer) => new()
    {
        Definition = LocalUserDefinition.Value,
        Verb = "create",
        User = new UserInfo { Name = "mallory" },
        Namespace = "",
        Name = "jane",
        Object = next,
        Now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero),
        Authorizer = authorizer,
        Objects = new ObjectsInMemory(),
    };
}
