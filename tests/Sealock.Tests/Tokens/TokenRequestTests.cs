// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Tokens;
using Sealock.Tests.Authorization;

namespace Sealock.Tests.Tokens;

public sealed class TokenRequestTests
{
    private readonly TokenWorld _world = new();

    public static TheoryData<string, int, string> Refused => new()
    {
        { """{"expirationSeconds":599}""", 422, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes" },
        { """{"expirationSeconds":4294967297}""", 422, "TokenRequest.authentication.k8s.io \"\" is invalid: spec.expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds" },
        { """{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"gone"}}""", 404, "pods \"gone\" not found" },
        { """{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"pod","uid":"x"}}""", 409, "Operation cannot be fulfilled on Pod \"pod\": the UID in the bound object reference (x) does not match the UID in record. The object might have been deleted and then recreated" },
        { """{"boundObjectRef":{"kind":"Deployment","apiVersion":"apps/v1","name":"x"}}""", 400, "cannot bind token to object of type apps/v1, Kind=Deployment" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task Faulty_requests_are_refused_in_kube_apiserver_s_words(string spec, int code, string message)
    {
        var error = await Assert.ThrowsAsync<ApiException>(() => AnswerAsync(spec));
        Assert.Equal((code, message), (error.Code, error.Message));
    }

    [Fact]
    public async Task A_token_is_bound_to_pods_of_the_same_service_account_only()
    {
        _world.Objects.Put("", "pods", """{"metadata":{"namespace":"a","name":"pod","uid":"pod-1"},"spec":{"serviceAccountName":"default"}}""");
        var error = await Assert.ThrowsAsync<ApiException>(
            () => AnswerAsync("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"pod"}}"""));
        Assert.Equal("cannot bind token for serviceaccount \"robot\" to pod running with different serviceaccount name.", error.Message);
    }

    [Fact]
    public async Task The_answer_holds_a_token_that_is_accepted()
    {
        var answer = await AnswerAsync("""{"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"pod"}}""");
        var identity = await _world.AskAsync((string)answer["status"]!["token"]!);
        Assert.Equal("node", Assert.Single(identity!.User.Extra["authentication.kubernetes.io/node-name"]));
        Assert.Equal("2026-03-01T13:00:00Z", (string)answer["status"]!["expirationTimestamp"]!);
        Assert.Equal(3600, (long)answer["spec"]!["expirationSeconds"]!);
        Assert.Equal("robot", (string)answer["metadata"]!["name"]!);
    }

    [Fact]
    public async Task Lifetimes_are_capped() => Assert.Equal(
        "2026-03-01T14:00:00Z",
        (string)(await AnswerAsync("""{"expirationSeconds":100000}""", new() { MaxExpirationSeconds = 7200 }))["status"]!["expirationTimestamp"]!);

    [Fact]
    public async Task A_kubelet_s_token_lives_for_a_year_but_warns_after_its_hour()
    {
        const string spec = """{"expirationSeconds":3607,"boundObjectRef":{"kind":"Pod","apiVersion":"v1","name":"pod"}}""";
        var answer = await AnswerAsync(spec);
        Assert.Equal("2026-03-01T13:00:07Z", (string)answer["status"]!["expirationTimestamp"]!);
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(((string)answer["status"]!["token"]!).Split('.')[1]))!;
        var now = _world.Clock.GetUtcNow().ToUnixTimeSeconds();
        Assert.Equal(now + 365 * 24 * 3600, (long)claims["exp"]!);
        Assert.Equal(now + 3607, (long)claims["kubernetes.io"]!["warnafter"]!);
        var strict = await AnswerAsync(spec, new() { ExtendPodTokens = false });
        var strictClaims = JsonNode.Parse(Base64Url.DecodeFromChars(((string)strict["status"]!["token"]!).Split('.')[1]))!;
        Assert.Equal(now + 3607, (long)strictClaims["exp"]!);
    }

    [Fact]
    public void The_discovery_documents_name_issuer_algorithms_and_public_keys_only()
    {
        var keys = JsonNode.Parse(OidcDiscovery.Keys([TokenWorld.Rsa, TokenWorld.Ecdsa, TokenWorld.Rsa]))!["keys"]!.AsArray();
        Assert.Equal(2, keys.Count);
        Assert.Equal("use,kty,kid,alg,n,e", string.Join(',', keys[0]!.AsObject().Select(pair => pair.Key)));
        Assert.Equal("use,kty,kid,alg,crv,x,y", string.Join(',', keys[1]!.AsObject().Select(pair => pair.Key)));
        Assert.Equal(
            """{"issuer":"https://i","jwks_uri":"https://i/openid/v1/jwks","response_types_supported":["id_token"],"subject_types_supported":["public"],"id_token_signing_alg_values_supported":["ES256","RS256"]}""",
            System.Text.Encoding.UTF8.GetString(OidcDiscovery.Configuration(
                "https://i", "https://i/openid/v1/jwks", [TokenWorld.Rsa, TokenWorld.Ecdsa])));
    }

    private async Task<JsonObject> AnswerAsync(string spec, TokenRequestOptions? options = null)
    {
        var issuer = new ServiceAccountTokenIssuer(TokenWorld.Issuer, TokenWorld.Ecdsa, [TokenWorld.Issuer], _world.Clock);
        var subresource = TokenRequestSubresource.Create(issuer, options ?? new());
        return await subresource.Answer!(
            new ObjectOperation
            {
                Definition = RbacRun.Definition("roles"),
                Subresource = subresource,
                Verb = "create",
                User = RbacDecisionTests.Jane,
                Namespace = "a",
                Name = "robot",
                Object = new JsonObject { ["spec"] = JsonNode.Parse(spec) },
                Old = _world.Objects.Find("", "serviceaccounts", "a", "robot"),
                Now = _world.Clock.GetUtcNow(),
                Authorizer = new RbacAuthorizer(),
                Objects = _world.Objects,
            },
            CancellationToken.None);
    }
}
