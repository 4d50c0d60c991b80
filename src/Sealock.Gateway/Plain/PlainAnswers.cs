// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Sealock.Gateway.Pipeline;
using Sealock.Gateway.RevocationLists;
using Sealock.Pki.Paths;

namespace Sealock.Gateway.Plain;

/// <summary>Answers the requests of the plain HTTP port.</summary>
internal sealed class PlainAnswers(PlainOptions options)
{
    /// <summary>Where ACME looks for answers to HTTP-01 (RFC 8555 section 8.3).</summary>
    public const string ChallengePrefix = "/.well-known/acme-challenge/";

    private const int LongestToken = 256;

    public ValueTask AnswerAsync(HttpContext http)
    {
        var (request, path) = (http.Request, http.Request.Path.Value ?? "");
        http.Response.Headers.XContentTypeOptions = "nosniff";
        if (path.StartsWith(ChallengePrefix, StringComparison.Ordinal))
            return ChallengeAsync(http, path[ChallengePrefix.Length..]);
        if (options.Lists is { } lists && path.StartsWith(CrlEndpoint.Prefix + "/", StringComparison.Ordinal))
            return lists.HandleAsync(http, path, http.RequestAborted);
        if (Target(request) is { } target)
        {
            // 308 keeps the method (RFC 9110 section 15.4.9).
            http.Response.Headers.Location = target;
            return TextAsync(http, StatusCodes.Status308PermanentRedirect, "use HTTPS\n");
        }

        return TextAsync(http, StatusCodes.Status404NotFound, "this port answers ACME challenges; use HTTPS for everything else\n");
    }

    private ValueTask ChallengeAsync(HttpContext http, string token)
    {
        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            return TextAsync(http, StatusCodes.Status405MethodNotAllowed, "challenges are only read\n");
        }

        return token.Length <= LongestToken && options.Challenge(token) is { } key
            ? TextAsync(http, StatusCodes.Status200OK, key)
            : TextAsync(http, StatusCodes.Status404NotFound, "there is no such challenge\n");
    }

    /// <summary>The same request over HTTPS; null where there is no host to go to, or nobody is sent anywhere.</summary>
    private string? Target(HttpRequest request)
    {
        var host = request.Host.Host;
        var raw = request.HttpContext.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        if (options.HttpsPort is not { } port || !raw.StartsWith('/') || raw.StartsWith("//", StringComparison.Ordinal)
            || !(HostNames.IsValidDnsName(host, allowWildcard: false) || IPAddress.TryParse(host.Trim('[', ']'), out _)))
            return null;
        var authority = port == 443 ? host : string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        return $"https://{authority}{raw}";
    }

    private static ValueTask TextAsync(HttpContext http, int status, string text)
    {
        if (!HttpMethods.IsHead(http.Request.Method))
            return Answers.WriteTextAsync(http, status, Answers.PlainText, Encoding.ASCII.GetBytes(text), http.RequestAborted);
        http.Response.StatusCode = status;
        http.Response.ContentType = Answers.PlainText;
        http.Response.ContentLength = text.Length;
        return ValueTask.CompletedTask;
    }
}
