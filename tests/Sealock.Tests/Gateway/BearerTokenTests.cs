// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Sealock.Gateway.Authentication;

namespace Sealock.Tests.Gateway;

public class BearerTokenTests
{
    private static readonly string Encoded =
        "base64url.bearer.authorization.k8s.io." + Base64Url.EncodeToString(Encoding.UTF8.GetBytes("s3cret"));

    [Theory]
    [InlineData("Bearer s3cret", "s3cret")]
    [InlineData("bearer s3cret", "s3cret")]
    [InlineData("BEARER s3cret", "s3cret")]
    [InlineData(" Bearer s3cret ", "s3cret")]
    [InlineData("Bearer s3cret more", "s3cret")]
    [InlineData("Bearer  s3cret", null)]
    [InlineData("Bearer ", null)]
    [InlineData("Bearer", null)]
    [InlineData("Basic czM6Y3JldA==", null)]
    [InlineData("s3cret", null)]
    [InlineData("", null)]
    public void The_header_is_read_as_kube_apiserver_reads_it(string header, string? token) =>
        Assert.Equal(token, BearerToken.FromHeader(header));

    [Theory]
    [InlineData("{token}, v5.channel.k8s.io", true, true, "v5.channel.k8s.io")]
    [InlineData("a, {token},b", true, true, "a, b")]
    [InlineData("a, b", true, false, "a, b")]
    [InlineData("{token}", false, true, "")]
    [InlineData("{token}, {token}, a", false, true, null)]
    [InlineData("base64url.bearer.authorization.k8s.io.!!!, a", false, false, null)]
    [InlineData("base64url.bearer.authorization.k8s.io._w, a", false, false, null)]
    [InlineData("base64url.bearer.authorization.k8s.io., a", true, false, "a")]
    public void A_websocket_brings_it_among_its_protocols(string protocols, bool right, bool found, string? others)
    {
        var headers = new HeaderDictionary
        {
            ["Connection"] = "Upgrade",
            ["Upgrade"] = "websocket",
            ["Sec-WebSocket-Protocol"] = protocols.Replace("{token}", Encoded, StringComparison.Ordinal),
        };
        Assert.Equal(right, BearerToken.TryFromWebSocket(headers, out var token, out var rest));
        if (right)
            Assert.Equal(found ? "s3cret" : null, token);
        if (others is not null)
            Assert.Equal(others, rest);
    }

    [Fact]
    public void Without_an_upgrade_protocols_bring_nothing()
    {
        var headers = new HeaderDictionary { ["Sec-WebSocket-Protocol"] = Encoded + ", a" };
        Assert.True(BearerToken.TryFromWebSocket(headers, out var token, out _));
        Assert.Null(token);
    }
}
