// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Security;
using Sealock.Gateway.Tokens;

namespace Sealock.Tests.Tokens;

public sealed class ServiceAccountTokenTests
{
    private readonly TokenWorld _world = new();

    public static TheoryData<string> BoundKinds => new("Pod", "Secret", "Node");

    [Fact]
    public async Task A_token_stands_for_its_service_account()
    {
        foreach (var key in (ServiceAccountKey[])[TokenWorld.Ecdsa, TokenWorld.Rsa])
        {
            var identity = await _world.AskAsync(_world.Issue(key: key));
            Assert.NotNull(identity);
            Assert.Equal("system:serviceaccount:a:robot", identity.User.Name);
            Assert.Equal("sa-1", identity.User.Uid);
            Assert.Equal("system:serviceaccounts,system:serviceaccounts:a,system:authenticated", string.Join(',', identity.User.Groups));
            Assert.StartsWith("JTI=", identity.User.Extra["authentication.kubernetes.io/credential-id"][0], StringComparison.Ordinal);
            Assert.Equal(TokenWorld.Issuer, Assert.Single(identity.Audiences));
        }
    }

    [Theory]
    [InlineData("serviceaccounts", "a", "robot", null)]
    [InlineData("pods", "a", "pod", "Pod")]
    [InlineData("nodes", "", "node", "Node")]
    public async Task Who_came_in_with_a_token_may_stay_while_what_it_is_bound_to_exists(string plural, string @namespace, string name, string? bound)
    {
        var request = TokenWorld.Request with
        {
            BoundTo = bound is null ? null : new BoundObject(bound, "v1", name, $"{name}-1"),
            Node = bound == "Pod" ? new BoundObject("Node", "v1", "node", "another") : null,
        };
        var user = (await _world.AskAsync(_world.Issue(request)))!.User;
        Assert.True(_world.Authenticator.StillHold(user));
        _world.Objects.Put("", plural, $$$"""{"metadata":{"namespace":"{{{@namespace}}}","name":"{{{name}}}","uid":"its successor"}}""");
        Assert.False(_world.Authenticator.StillHold(user));
        _world.Objects.Remove("", plural, @namespace, name);
        Assert.False(_world.Authenticator.StillHold(user));
        Assert.True(_world.Authenticator.StillHold(UserInfo.ServiceAccount("a", "robot", "a token file says so")));
        Assert.True(_world.Authenticator.StillHold(UserInfo.Anonymous));
    }

    [Fact]
    public void Claims_and_header_are_those_of_kubernetes()
    {
        var token = _world.Issue(TokenWorld.Request with
        {
            BoundTo = new BoundObject("Pod", "v1", "pod", "pod-1"),
            Node = new BoundObject("Node", "v1", "node", "node-1"),
            WarnAfterSeconds = 60,
        });
        var parts = token.Split('.');
        var header = JsonNode.Parse(Base64Url.DecodeFromChars(parts[0]))!;
        Assert.Equal("ES256", (string)header["alg"]!);
        Assert.Equal(TokenWorld.Ecdsa.KeyId, (string)header["kid"]!);
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        var now = _world.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.True(Guid.TryParse((string)claims["jti"]!, out _));
        claims.Remove("jti");
        Assert.Equal(
            $$"""{"aud":["https://kubernetes.default.svc"],"exp":{{now + 3600}},"iat":{{now}},"iss":"https://kubernetes.default.svc","kubernetes.io":{"namespace":"a","node":{"name":"node","uid":"node-1"},"pod":{"name":"pod","uid":"pod-1"},"serviceaccount":{"name":"robot","uid":"sa-1"},"warnafter":{{now + 60}}},"nbf":{{now}},"sub":"system:serviceaccount:a:robot"}""",
            claims.ToJsonString());
    }

    [Fact]
    public void The_key_identifier_is_the_hash_of_the_public_key()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var read = ServiceAccountKey.ReadPem(key.ExportSubjectPublicKeyInfoPem()).Single();
        Assert.Equal(Base64Url.EncodeToString(SHA256.HashData(key.ExportSubjectPublicKeyInfo())), read.KeyId);
        Assert.Equal("ES384", read.Algorithm);
        Assert.False(read.IsPrivate);
    }

    [Fact]
    public void A_key_file_may_hold_several_keys_of_every_kind()
    {
        using var ecdsa = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var rsa = RSA.Create(2048);
        var pem = string.Join('\n', ecdsa.ExportECPrivateKeyPem(), rsa.ExportRSAPrivateKeyPem(), rsa.ExportRSAPublicKeyPem(),
            ecdsa.ExportPkcs8PrivateKeyPem(), rsa.ExportSubjectPublicKeyInfoPem());
        Assert.Equal(
            "ES256 RS256 RS256 ES256 RS256", string.Join(' ', ServiceAccountKey.ReadPem(pem).Select(key => key.Algorithm)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN WHATEVER-----\nAAAA\n-----END WHATEVER-----")]
    public void What_is_no_key_is_refused(string pem) =>
        Assert.ThrowsAny<CryptographicException>(() => ServiceAccountKey.ReadPem(pem));

    [Fact]
    public void A_short_rsa_key_is_refused()
    {
        using var rsa = RSA.Create(1024);
        Assert.Throws<CryptographicException>(() => ServiceAccountKey.ReadPem(rsa.ExportSubjectPublicKeyInfoPem()));
    }

    [Fact]
    public async Task A_token_ends_to_the_second()
    {
        var token = _world.Issue();
        _world.Clock.Advance(TimeSpan.FromSeconds(3599));
        Assert.NotNull(await _world.AskAsync(token));
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(await _world.AskAsync(token));
    }

    [Fact]
    public async Task A_token_of_the_future_is_refused_beyond_a_minute()
    {
        var later = new TokenWorld();
        later.Clock.Advance(TimeSpan.FromSeconds(61));
        Assert.Null(await _world.AskAsync(later.Issue()));
        _world.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull(await _world.AskAsync(later.Issue()));
    }

    [Fact]
    public async Task Audiences_must_meet()
    {
        var vault = _world.Issue(TokenWorld.Request with { Audiences = ["vault", "other"] });
        Assert.Null(await _world.AskAsync(vault));
        Assert.Equal("vault", Assert.Single((await _world.AskAsync(vault, "vault", "x"))!.Audiences));
        Assert.Null(await _world.AskAsync(_world.Issue(), "vault"));
    }

    [Fact]
    public async Task Tokens_of_other_issuers_and_keys_are_refused()
    {
        Assert.Null(await _world.AskAsync(_world.Issue(issuer: "https://elsewhere")));
        Assert.Null(await _world.AskAsync(_world.Issue(key: TokenWorld.Key(ECDsa.Create(ECCurve.NamedCurves.nistP256)))));
        Assert.Null(await _world.AskAsync(_world.Issue(key: TokenWorld.Key(RSA.Create(2048)))));
    }

    [Fact]
    public async Task A_token_dies_with_its_service_account_also_if_a_new_one_takes_the_name()
    {
        var token = _world.Issue();
        Assert.NotNull(await _world.AskAsync(token));
        _world.Objects.Put("", "serviceaccounts", """{"metadata":{"namespace":"a","name":"robot","uid":"sa-2"}}""");
        Assert.Null(await _world.AskAsync(token));
        _world.Objects.Remove("", "serviceaccounts", "a", "robot");
        Assert.Null(await _world.AskAsync(token));
    }

    [Theory]
    [MemberData(nameof(BoundKinds))]
    public async Task A_bound_token_dies_with_its_object(string kind)
    {
        var name = kind.ToLowerInvariant();
        var token = _world.Issue(TokenWorld.Request with { BoundTo = new BoundObject(kind, "v1", name, name + "-1") });
        var identity = await _world.AskAsync(token);
        Assert.NotNull(identity);
        Assert.Equal(kind != "Secret", identity.User.Extra.ContainsKey($"authentication.kubernetes.io/{name}-name"));
        _world.Objects.Remove("", name + "s", kind == "Node" ? "" : "a", name);
        Assert.Null(await _world.AskAsync(token));
    }

    [Fact]
    public async Task A_pod_that_is_shutting_down_keeps_its_token_until_its_time_is_over()
    {
        var token = _world.Issue(TokenWorld.Request with { BoundTo = new BoundObject("Pod", "v1", "pod", "pod-1") });
        _world.Objects.Put("", "pods", """{"metadata":{"namespace":"a","name":"pod","uid":"pod-1","deletionTimestamp":"2026-03-01T12:00:30Z"}}""");
        Assert.NotNull(await _world.AskAsync(token));
        _world.Clock.Advance(TimeSpan.FromSeconds(91));
        Assert.Null(await _world.AskAsync(token));
    }

    [Fact]
    public async Task A_legacy_token_holds_while_its_secret_keeps_it()
    {
        var payload = """{"iss":"kubernetes/serviceaccount","kubernetes.io/serviceaccount/namespace":"a","kubernetes.io/serviceaccount/secret.name":"old","kubernetes.io/serviceaccount/service-account.name":"robot","kubernetes.io/serviceaccount/service-account.uid":"sa-1","sub":"system:serviceaccount:a:robot"}""";
        var token = TokenForge.Sign(payload);
        Assert.Null(await _world.AskAsync(token));
        _world.Objects.Put("", "secrets", new JsonObject
        {
            ["metadata"] = new JsonObject { ["namespace"] = "a", ["name"] = "old", ["uid"] = "s" },
            ["data"] = new JsonObject { ["token"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(token)) },
        });
        Assert.Equal("system:serviceaccount:a:robot", (await _world.AskAsync(token))?.User.Name);
        Assert.Null(await _world.AskAsync(TokenForge.Sign(payload + " ")));
        Assert.Null(await _world.AskAsync(TokenForge.Sign(payload.Replace("a:robot", "b:robot", StringComparison.Ordinal))));
        _world.Objects.Remove("", "secrets", "a", "old");
        Assert.Null(await _world.AskAsync(token));
    }
}
