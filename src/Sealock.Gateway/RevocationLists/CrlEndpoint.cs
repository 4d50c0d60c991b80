// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using Sealock.Gateway.Pipeline;

namespace Sealock.Gateway.RevocationLists;

/// <summary>
/// Hands CRLs out to anyone: <c>/crl/KEYID.crl</c> in DER (RFC 5280 4.2.1.13 names this form in certificates) and
/// <c>/crl/KEYID.pem</c>. Works on any listener, since many verifiers fetch lists over plain HTTP only.
/// </summary>
public sealed class CrlEndpoint(PublishedLists lists, TimeProvider clock)
{
    /// <summary>The path below which the lists are.</summary>
    public const string Prefix = "/crl";

    private const string Der = "application/pkix-crl";
    private const string Pem = "application/x-pem-file";

    // A revocation makes a new list at once, which a cache in between must not withhold until the next one is due.
    private static readonly TimeSpan LongestCaching = TimeSpan.FromMinutes(5);

    /// <summary>For the front door.</summary>
    public Mount Mount => new(
        Prefix, MountAccess.Open, exchange => HandleAsync(exchange.Http, exchange.Info.Path, exchange.Cancellation));

    /// <summary>The path of a CA's list, in DER.</summary>
    public static string PathOf(string authorityKeyId) => $"{Prefix}/{authorityKeyId}.crl";

    /// <summary>Answers a request for a path below <see cref="Prefix"/>.</summary>
    public async ValueTask HandleAsync(HttpContext http, string path, CancellationToken cancellationToken)
    {
        var (request, response) = (http.Request, http.Response);
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            response.Headers.Allow = "GET, HEAD";
            await TellAsync(http, StatusCodes.Status405MethodNotAllowed, "lists are only read\n", cancellationToken);
            return;
        }

        var (list, body, type) = Find(path);
        if (list is null)
        {
            await TellAsync(http, StatusCodes.Status404NotFound, "there is no such revocation list\n", cancellationToken);
            return;
        }

        var tag = $"\"{list.Tag}{(type == Pem ? "-pem" : "")}\"";
        var headers = response.Headers;
        headers.ETag = tag;
        headers.LastModified = list.ThisUpdate.ToString("r", CultureInfo.InvariantCulture);
        headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={Freshness(list).TotalSeconds:0}, must-revalidate");
        if (IsKnown(request, tag, list.ThisUpdate))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        if (HttpMethods.IsHead(request.Method))
        {
            response.ContentType = type;
            response.ContentLength = body.Length;
            return;
        }

        await Answers.WriteTextAsync(http, StatusCodes.Status200OK, type, body, cancellationToken);
    }

    private static ValueTask TellAsync(HttpContext http, int status, string text, CancellationToken cancellationToken) =>
        Answers.WriteTextAsync(http, status, Answers.PlainText, Encoding.ASCII.GetBytes(text), cancellationToken);

    private (PublishedList? List, ReadOnlyMemory<byte> Body, string Type) Find(string path)
    {
        var name = path.Length > Prefix.Length + 1 ? path[(Prefix.Length + 1)..] : "";
        var dot = name.LastIndexOf('.');
        if (dot < 0 || lists.Find(name[..dot]) is not { } list)
            return default;
        return name[dot..] switch
        {
            ".crl" => (list, list.Der, Der),
            ".pem" => (list, list.Pem, Pem),
            _ => default,
        };
    }

    private TimeSpan Freshness(PublishedList list)
    {
        var left = list.NextUpdate - clock.GetUtcNow();
        return left < TimeSpan.Zero ? TimeSpan.Zero : left < LongestCaching ? left : LongestCaching;
    }

    /// <summary>RFC 9110 13.2.2: a tag decides alone where one is given.</summary>
    private static bool IsKnown(HttpRequest request, string tag, DateTimeOffset modified)
    {
        var conditions = request.GetTypedHeaders();
        if (request.Headers.IfNoneMatch.Count == 0)
            return conditions.IfModifiedSince is { } since && modified <= since;
        return conditions.IfNoneMatch.Any(known =>
            known.Tag == "*" || known.Compare(new EntityTagHeaderValue(tag), useStrongComparison: false));
    }
}
