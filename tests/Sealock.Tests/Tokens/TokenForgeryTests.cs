// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace Sealock.Tests.Tokens;

public sealed class TokenForgeryTests
{
    private readonly TokenWorld _world = new();

    [Fact]
    public async Task A_token_changed_in_any_single_character_is_refused()
    {
        var token = _world.Issue();
        for (var i = 0; i < token.Length; i++)
        {
            foreach (var other in (string)"AZaz09-_.=")
            {
                if (other != token[i])
                    Assert.Null(await _world.AskAsync(token[..i] + other + token[(i + 1)..]));
            }
        }
    }

    [Fact]
    public void Tokens_changed_at_random_are_refused_without_an_exception()
    {
        string[] tokens = [_world.Issue(), _world.Issue(key: TokenWorld.Rsa), "abcdef.0123456789abcdef"];
        var changes = Gen.Choose(0, int.MaxValue - 1).ArrayOf(6).ToArbitrary();
        Prop.ForAll(changes, numbers =>
        {
            var token = tokens[At(numbers, 0, tokens.Length)];
            var changed = Change(token, numbers);
            return changed == token || _world.AskAsync(changed).GetAwaiter().GetResult() is null;
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("...")]
    [InlineData("a.b.c")]
    [InlineData("e30.e30.")]
    [InlineData("e30.e30.e30")]
    [InlineData("bnVsbA.bnVsbA.bnVsbA")]
    [InlineData("W10.W10.W10")]
    [InlineData("\ud800.é.\0")]
    public async Task What_is_no_token_is_refused(string token) => Assert.Null(await _world.AskAsync(token));

    [Fact]
    public async Task A_token_beyond_the_limit_is_not_looked_at() =>
        Assert.Null(await _world.AskAsync(new string('a', 20_000) + "." + new string('b', 20_000) + ".c"));

    [Fact]
    public async Task Tricks_with_the_algorithm_are_refused()
    {
        var payload = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(_world.Issue().Split('.')[1]));
        Assert.NotNull(await _world.AskAsync(TokenForge.Sign(payload)));
        foreach (var header in (string[])[
            """{"alg":"none"}""", """{"alg":"HS256"}""", """{"alg":"RS256"}""", """{"alg":"es256"}""", """{}""",
            $$"""{"alg":"ES256","kid":"{{TokenWorld.Rsa.KeyId}}"}""", """{"alg":"ES256","kid":"other"}"""])
        {
            Assert.Null(await _world.AskAsync(TokenForge.Sign(payload, header)));
        }

        Assert.Null(await _world.AskAsync($"{TokenForge.Encode("""{"alg":"none"}""")}.{TokenForge.Encode(payload)}."));
        // The public key as a secret, the classic confusion of RS256 with HS256.
        var head = $"{TokenForge.Encode("""{"alg":"HS256"}""")}.{TokenForge.Encode(payload)}";
        var mac = HMACSHA256.HashData(TokenForge.Key.ExportSubjectPublicKeyInfo(), Encoding.ASCII.GetBytes(head));
        Assert.Null(await _world.AskAsync($"{head}.{Base64Url.EncodeToString(mac)}"));
    }

    [Theory]
    [InlineData("exp", null)]
    [InlineData("exp", "\"soon\"")]
    [InlineData("exp", "1e300")]
    [InlineData("exp", "-1")]
    [InlineData("nbf", "99999999999")]
    [InlineData("sub", "\"system:serviceaccount:a:other\"")]
    [InlineData("sub", "1")]
    [InlineData("aud", "{}")]
    [InlineData("aud", "[1]")]
    [InlineData("aud", "[]")]
    [InlineData("iss", null)]
    [InlineData("kubernetes.io", null)]
    [InlineData("kubernetes.io", "[]")]
    [InlineData("kubernetes.io", "{\"namespace\":\"a\",\"serviceaccount\":{\"name\":\"robot\"}}")]
    [InlineData("kubernetes.io", "{\"namespace\":\"a\",\"serviceaccount\":{\"name\":\"robot\",\"uid\":\"sa-1\"},\"pod\":{\"name\":\"pod\"}}")]
    [InlineData("kubernetes.io", "{\"namespace\":\"a\",\"serviceaccount\":{\"name\":\"robot\",\"uid\":\"sa-1\"},\"pod\":{}}")]
    public async Task A_signed_token_with_a_faulty_claim_is_refused(string claim, string? value)
    {
        var claims = System.Text.Json.Nodes.JsonNode.Parse(Base64Url.DecodeFromChars(_world.Issue().Split('.')[1]))!.AsObject();
        claims.Remove(claim);
        if (value is not null)
            claims[claim] = System.Text.Json.Nodes.JsonNode.Parse(value);
        Assert.Null(await _world.AskAsync(TokenForge.Sign(claims.ToJsonString())));
    }

    private static string Change(string token, int[] numbers)
    {
        var at = At(numbers, 1, token.Length);
        var count = 1 + At(numbers, 2, Math.Min(20, token.Length - at));
        return At(numbers, 3, 4) switch
        {
            0 => token.Remove(at, count),
            1 => token.Insert(at, token.Substring(At(numbers, 4, token.Length - count + 1), count)),
            2 => token[..at] + (char)At(numbers, 5, 0x300) + token[(at + 1)..],
            _ => string.Join('.', token.Split('.').OrderBy(part => part.Length * (At(numbers, 4, 3) - 1))) + "A",
        };
    }

    private static int At(int[] numbers, int index, int limit) => index < numbers.Length ? numbers[index] % limit : 0;
}
