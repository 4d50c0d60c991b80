// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>
/// Reads <see cref="RequestInfo"/> from a request line as k8s.io/apiserver's RequestInfoFactory does, with one
/// difference: a path whose meaning depends on who decodes it (an encoded slash, <c>.</c> and <c>..</c> segments,
/// encoding that is broken or no UTF-8, control characters) is refused, so that what is authorized is what is served.
/// </summary>
public static class RequestInfoParser
{
    /// <summary>The longest path, in characters.</summary>
    public const int MaxPathLength = 8 * 1024;

    private const string BadPath = "the request path is malformed or ambiguous";

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>Reads a request line.</summary>
    /// <param name="method">HTTP method, upper case.</param>
    /// <param name="rawPath">Path as sent, percent-encoded, without the query.</param>
    /// <param name="query">Decoded query.</param>
    /// <exception cref="ApiException">400: the path is malformed or ambiguous.</exception>
    public static RequestInfo Parse(string method, string rawPath, QueryParameters query)
    {
        var path = Decode(rawPath);
        var parts = new Segments(path);
        var apis = parts.First.SequenceEqual("apis");
        if (!apis && !parts.First.SequenceEqual("api"))
            return NonResource(method, path);
        if (parts.Count < (apis ? 4 : 3))
            return NonResource(method, path);
        parts.Skip();
        var group = apis ? parts.Take() : "";
        var version = parts.Take();
        var verb = VerbOf(method);
        if (parts.First is "watch" or "proxy")
        {
            if (parts.Count < 2)
                throw ApiException.BadRequest($"unable to determine kind and namespace from url, {path}");
            verb = parts.Take();
        }

        var @namespace = "";
        if (parts.First is "namespaces" && parts.Count > 1)
        {
            @namespace = parts.Second.ToString();
            if (parts.Count > 2 && parts.Third is not ("status" or "finalize"))
            {
                parts.Skip();
                parts.Skip();
            }
        }

        var resource = parts.Take();
        var nameInPath = parts.Count > 0;
        var name = nameInPath ? parts.Take() : "";
        var subresource = parts.Count > 0 && verb != "proxy" ? parts.Take() : "";
        var rest = parts.Remainder;
        if (name.Length == 0 && verb == "get")
        {
            verb = IsWatch(query) ? "watch" : "list";
            name = NameSelected(query["fieldSelector"]);
        }

        if (name.Length == 0 && verb == "delete")
            verb = "deletecollection";
        return new RequestInfo
        {
            Method = method,
            Path = path,
            Verb = verb,
            IsResource = true,
            Group = group,
            Version = version,
            Namespace = @namespace,
            Resource = resource,
            Name = name,
            NameInPath = nameInPath && name.Length > 0,
            Subresource = subresource,
            Rest = rest,
        };
    }

    private static RequestInfo NonResource(string method, string path) =>
        new() { Method = method, Path = path, Verb = method.ToLowerInvariant() };

    private static string VerbOf(string method) => method switch
    {
        "GET" or "HEAD" => "get",
        "POST" => "create",
        "PUT" => "update",
        "PATCH" => "patch",
        "DELETE" => "delete",
        _ => "",
    };

    private static bool IsWatch(QueryParameters query) =>
        query.Has("watch") && query["watch"] is not ("0" or "false" or "False" or "FALSE");

    /// <summary>
    /// The name in <c>metadata.name=NAME</c>, if the selector demands one and it can be a path segment.
    /// </summary>
    private static string NameSelected(string fieldSelector)
    {
        const string field = "metadata.name=";
        // With an escape in it, what looks like a term may be part of a value: then it names nothing.
        if (fieldSelector.Length == 0 || fieldSelector.Contains('\\')
            || !fieldSelector.Contains(field, StringComparison.Ordinal))
            return "";
        foreach (var range in fieldSelector.AsSpan().Split(','))
        {
            var term = fieldSelector.AsSpan()[range];
            if (!term.StartsWith(field))
                continue;
            var value = term[field.Length..];
            if (value.StartsWith("="))
                value = value[1..];
            return value.IsEmpty || value is "." or ".." || value.ContainsAny('/', '%') || value.Contains('=')
                ? ""
                : value.ToString();
        }

        return "";
    }

    private static string Decode(string raw)
    {
        if (raw.Length > MaxPathLength || raw.Length == 0 || raw[0] != '/')
            throw ApiException.BadRequest(BadPath);
        var path = raw;
        if (raw.Contains('%', StringComparison.Ordinal))
        {
            if (HasEncodedSeparator(raw))
                throw ApiException.BadRequest(BadPath);
            path = Unescape(raw);
        }

        foreach (var character in path)
        {
            if (char.IsControl(character) || character is '\\')
                throw ApiException.BadRequest(BadPath);
        }

        if (path.Contains("/.", StringComparison.Ordinal))
        {
            foreach (var range in path.AsSpan().Split('/'))
            {
                if (path.AsSpan()[range] is "." or "..")
                    throw ApiException.BadRequest(BadPath);
            }
        }

        return path;
    }

    private static bool HasEncodedSeparator(string raw) =>
        raw.Contains("%2f", StringComparison.OrdinalIgnoreCase)
            || raw.Contains("%5c", StringComparison.OrdinalIgnoreCase);

    private static string Unescape(string raw)
    {
        var bytes = new byte[raw.Length * 3];
        var length = 0;
        for (var i = 0; i < raw.Length; i++)
        {
            if (raw[i] != '%')
            {
                length += Encoding.UTF8.GetBytes(raw.AsSpan(i, 1), bytes.AsSpan(length));
                continue;
            }

            if (i + 2 >= raw.Length || !char.IsAsciiHexDigit(raw[i + 1]) || !char.IsAsciiHexDigit(raw[i + 2]))
                throw ApiException.BadRequest(BadPath);
            bytes[length++] = Convert.ToByte(raw.Substring(i + 1, 2), 16);
            i += 2;
        }

        try
        {
            return StrictUtf8.GetString(bytes, 0, length);
        }
        catch (DecoderFallbackException)
        {
            throw ApiException.BadRequest(BadPath);
        }
    }

    /// <summary>
    /// The segments of a path without its outer slashes, taken from the left. Empty inner ones count.
    /// </summary>
    private ref struct Segments
    {
        private ReadOnlySpan<char> rest;

        public Segments(string path)
        {
            rest = path.AsSpan().Trim('/');
            Count = rest.IsEmpty ? 0 : rest.Count('/') + 1;
        }

        public int Count { get; private set; }

        public readonly ReadOnlySpan<char> First => At(0);

        public readonly ReadOnlySpan<char> Second => At(1);

        public readonly ReadOnlySpan<char> Third => At(2);

        public readonly string Remainder => rest.ToString();

        public string Take()
        {
            var first = First.ToString();
            Skip();
            return first;
        }

        public void Skip()
        {
            var end = rest.IndexOf('/');
            rest = end < 0 ? [] : rest[(end + 1)..];
            Count--;
        }

        private readonly ReadOnlySpan<char> At(int index)
        {
            var from = rest;
            for (; index > 0; index--)
                from = from[(from.IndexOf('/') + 1)..];
            var end = from.IndexOf('/');
            return end < 0 ? from : from[..end];
        }
    }
}
