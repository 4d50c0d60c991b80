// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Gateway.Tokens;
using Sealock.Tests.Support;

namespace Sealock.Tests.Tokens;

public sealed class BootstrapTokenTests
{
    private const string Token = "abcdef.0123456789abcdef";

    // What differs from a good secret, whether the token is accepted, and the groups.
    public static TheoryData<string, string, bool> Cases => new()
    {
        { "", "", true },
        { "usage-bootstrap-authentication", "false", false },
        { "usage-bootstrap-authentication", "True", false },
        { "token-secret", "0123456789abcdee", false },
        { "token-secret", "", false },
        { "token-id", "abcdeg", false },
        { "expiration", "2026-03-01T12:00:01Z", true },
        { "expiration", "2026-03-01T12:00:00Z", false },
        { "expiration", "2026-03-01T14:00:00+02:00", false },
        { "expiration", "tomorrow", false },
        { "auth-extra-groups", "system:bootstrappers:a,system:bootstrappers:worker:eu", true },
        { "auth-extra-groups", "system:masters", false },
        { "auth-extra-groups", "system:bootstrappers:", false },
        { "auth-extra-groups", "system:bootstrappers:a,", false },
        { "type", "Opaque", false },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task A_bootstrap_token_is_judged_by_its_secret(string field, string value, bool accepted)
    {
        var identity = await AskAsync(SecretWith(field, value), Token);
        Assert.Equal(accepted, identity is not null);
        if (identity is null)
            return;
        Assert.Equal("system:bootstrap:abcdef", identity.User.Name);
        Assert.Equal(
            field == "auth-extra-groups" ? $"system:bootstrappers,{value}" : "system:bootstrappers",
            string.Join(',', identity.User.Groups));
    }

    [Theory]
    [InlineData("")]
    [InlineData("abcdef.0123456789abcdef\n")]
    [InlineData("abcdef.0123456789abcde")]
    [InlineData("ABCDEF.0123456789abcdef")]
    [InlineData("abcdef:0123456789abcdef")]
    [InlineData("../../.0123456789abcdef")]
    public async Task What_has_not_the_form_of_a_bootstrap_token_is_refused(string token) =>
        Assert.Null(await AskAsync(SecretWith("", ""), token));

    [Fact]
    public async Task A_bootstrap_token_is_for_this_server_alone()
    {
        Assert.Null(await AskAsync(SecretWith("", ""), Token, "vault"));
        Assert.Equal("api", Assert.Single((await AskAsync(SecretWith("", ""), Token, "vault", "api"))!.Audiences));
    }

    private static async Task<Api.Security.TokenIdentity?> AskAsync(JsonObject secret, string token, params string[] audiences) =>
        await new BootstrapTokenAuthenticator(new ObjectsInMemory().Put("", "secrets", secret), ["api"], new FakeTimeProvider())
            .AuthenticateAsync(token, [.. audiences], CancellationToken.None);

    private static JsonObject SecretWith(string field, string value)
    {
        var data = new Dictionary<string, string>
        {
            ["token-id"] = "abcdef",
            ["token-secret"] = "0123456789abcdef",
            ["usage-bootstrap-authentication"] = "true",
        };
        var type = "bootstrap.kubernetes.io/token";
        if (field == "type")
            type = value;
        else if (field.Length > 0)
            data[field] = value;
        return new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = "kube-system", ["name"] = "bootstrap-token-abcdef" },
            ["type"] = type,
            ["data"] = new JsonObject(data.Select(pair => KeyValuePair.Create(
                pair.Key, (JsonNode?)Convert.ToBase64String(Encoding.UTF8.GetBytes(pair.Value))))),
        };
    }
}
