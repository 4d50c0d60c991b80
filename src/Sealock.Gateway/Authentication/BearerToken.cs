// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sealock.Gateway.Authentication;

/// <summary>Finds the bearer token of a request: in its header, or in a browser's WebSocket subprotocol.</summary>
internal static class BearerToken
{
    private const string SubprotocolPrefix = "base64url.bearer.authorization.k8s.io.";
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>
    /// The token of <c>Authorization: Bearer TOKEN</c>, or null. Another scheme, or an empty token, is no credential
    /// of ours (kube-apiserver then treats the request as anonymous).
    /// </summary>
    public static string? FromHeader(StringValues authorization)
    {
        if (authorization.Count == 0 || authorization[0] is not { } value)
            return null;
        var text = value.AsSpan().Trim();
        var space = text.IndexOf(' ');
        if (space < 0 || !text[..space].Equals("bearer", StringComparison.OrdinalIgnoreCase))
            return null;
        var rest = text[(space + 1)..];
        var end = rest.IndexOf(' ');
        var token = end < 0 ? rest : rest[..end];
        return token.IsEmpty ? null : token.ToString();
    }

    /// <summary>
    /// Takes the token out of <c>Sec-WebSocket-Protocol</c>. Answers false if what stands there cannot be right:
    /// two tokens, bad encoding, or no other protocol that could be answered to the client.
    /// </summary>
    public static bool TryFromWebSocket(IHeaderDictionary headers, out string? token, out string otherProtocols)
    {
        token = null;
        otherProtocols = "";
        if (!headers.Upgrade.ToString().Contains("websocket", StringComparison.OrdinalIgnoreCase))
            return true;
        var others = new List<string>();
        foreach (var protocol in headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries))
        {
            if (!protocol.StartsWith(SubprotocolPrefix, StringComparison.Ordinal))
            {
                if (protocol.Length > 0)
                    others.Add(protocol);
                continue;
            }

            if (token is not null)
                return false;
            try
            {
                token = StrictUtf8.GetString(Base64Url.DecodeFromChars(protocol.AsSpan(SubprotocolPrefix.Length)));
            }
            catch (Exception error) when (error is FormatException or DecoderFallbackException)
            {
                return false;
            }
        }

        otherProtocols = string.Join(", ", others);
        if (token is { Length: 0 })
            token = null;
        return token is null || others.Count > 0;
    }
}
