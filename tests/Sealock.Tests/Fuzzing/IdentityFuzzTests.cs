// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Gateway.Authentication;
using Sealock.Gateway.Tokens;
using Sealock.Tests.Gateway;
using Sealock.Tests.Support;
using Sealock.Tests.Tokens;
using Xunit.Abstractions;

namespace Sealock.Tests.Fuzzing;

/// <summary>Everything by which a request says who sends it.</summary>
public sealed class IdentityFuzzTests(ITestOutputHelper output)
{
    private readonly TokenWorld _world = new();

    [Fact]
    public void Service_account_tokens()
    {
        string[] tokens = [_world.Issue(), _world.Issue(key: TokenWorld.Rsa)];
        FuzzRun.Texts<NotImplementedException>(output, "service account tokens", tokens, text =>
        {
            var taken = _world.AskAsync(text).GetAwaiter().GetResult() is not null;
            Assert.True(!taken || tokens.Contains(text), $"a forged token was accepted: {text}");
            return taken;
        });
    }

    [Fact]
    public void Claims_behind_a_good_signature()
    {
        var payload = Base64Url.DecodeFromChars(_world.Issue().Split('.')[1]);
        FuzzRun.Bytes<NotImplementedException>(output, "token claims", [payload], bytes => TokenClaims.Read(bytes) is not null);
    }

    [Fact]
    public void Bootstrap_tokens()
    {
        var secrets = new ObjectsInMemory().Put("", "secrets", $$$"""
            {"metadata":{"namespace":"kube-system","name":"bootstrap-token-abcdef"},"type":"bootstrap.kubernetes.io/token","data":{
            "token-id":"{{{Base64("abcdef")}}}","token-secret":"{{{Base64("0123456789abcdef")}}}","usage-bootstrap-authentication":"{{{Base64("true")}}}"}}
            """);
        var authenticator = new BootstrapTokenAuthenticator(secrets, ["api"], new FakeTimeProvider());
        FuzzRun.Texts<NotImplementedException>(output, "bootstrap tokens", ["abcdef.0123456789abcdef"], text =>
        {
            var taken = authenticator.AuthenticateAsync(text, [], CancellationToken.None).AsTask().GetAwaiter().GetResult() is not null;
            Assert.True(!taken || text == "abcdef.0123456789abcdef", $"a forged token was accepted: {text}");
            return taken;
        });
    }

    [Fact]
    public void Token_files()
    {
        var hasher = new TokenHasher();
        FuzzRun.Texts<FormatException>(
            output, "token files", ["t,u,1\n", "\"a\"\"b\",\"user, x\",2,\"g1,g2\"\r\n# c\n\n t2 , u2,3,,\n", "a,b,c,\"d\ne\""], text =>
                TokenFile.Parse(text, hasher).Find(hasher.Hash("t")) is not null);
    }

    [Fact]
    public void Authorization_headers() => FuzzRun.Texts<NotImplementedException>(
        output, "Authorization headers",
        ["Bearer abc", "bearer  x y", "Basic dTpw\r\n", "base64url.bearer.authorization.k8s.io.YWJj, v4.channel.k8s.io"], text =>
        {
            var headers = new HeaderDictionary { ["Upgrade"] = "websocket", ["Sec-WebSocket-Protocol"] = text };
            return (BearerToken.FromHeader(text) is not null) | BearerToken.TryFromWebSocket(headers, out _, out _);
        });

    [Fact]
    public void Impersonation_headers() => FuzzRun.Texts<ApiException>(
        output, "impersonation headers",
        ["Impersonate-User: jane\nImpersonate-Group: a\nImpersonate-Group: b\nImpersonate-Uid: 1\nImpersonate-Extra-a%2fb: c",
            "impersonate-user: system:serviceaccount:ns:name\nImpersonate-Extra-%: x", "Impersonate-Group: system:masters", "Impersonate-User: \nImpersonate-Extra-: "],
        text =>
        {
            var headers = new HeaderDictionary();
            foreach (var line in text.Split('\n'))
            {
                var parts = line.Split(':', 2);
                headers.Append(parts[0].Length > 0 ? parts[0] : "Impersonate-User", parts.Length > 1 ? parts[1].Trim() : "");
            }

            var user = Impersonation.Apply(headers, UserInfo.Anonymous, new Everyone());
            Assert.DoesNotContain(headers.Keys, name => name.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase));
            return user.Name != UserInfo.Anonymous.Name;
        });

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));
}
