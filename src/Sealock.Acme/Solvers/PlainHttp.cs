// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using Sealock.Acme.Challenges;
using Sealock.Pki.Paths;

namespace Sealock.Acme.Solvers;

/// <summary>
/// What port 80 answers: challenges; everything else is sent to HTTPS. A request and its answer as values: pure.
/// </summary>
internal static class PlainHttp
{
    /// <summary>The head of a request may be this long.</summary>
    public const int LongestHead = 8 * 1024;

    private const int LongestTarget = 2048;

    /// <summary>The whole answer to a request's head.</summary>
    /// <param name="head">The bytes up to and with the empty line.</param>
    /// <param name="find">The body of an answer by its path; null where there is none.</param>
    public static byte[] Answer(ReadOnlySpan<byte> head, Func<string, string?> find)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n");
        var words = lines[0].Split(' ');
        if (words.Length != 3 || !words[2].StartsWith("HTTP/1.", StringComparison.Ordinal) || !IsPlain(words[1]))
            return Text("400 Bad Request", "this port speaks HTTP/1.1\n", withBody: true);
        var (method, target) = (words[0], words[1]);
        var withBody = method != "HEAD";
        if (method is not ("GET" or "HEAD"))
            return Text("405 Method Not Allowed", "this port answers ACME challenges; use HTTPS for everything else\n", withBody, "Allow: GET, HEAD\r\n");
        var path = target.Split('?')[0];
        if (path.StartsWith(Http01Answer.PathPrefix, StringComparison.Ordinal))
        {
            return find(path) is { } body
                ? Text("200 OK", body, withBody)
                : Text("404 Not Found", "no such challenge\n", withBody);
        }

        return Host(lines) is { } host
            ? Text("308 Permanent Redirect", "use HTTPS\n", withBody, $"Location: https://{host}{target}\r\n")
            : Text("404 Not Found", "this port answers ACME challenges; use HTTPS for everything else\n", withBody);
    }

    /// <summary>Whether the head is complete.</summary>
    public static bool IsComplete(ReadOnlySpan<byte> bytes) => bytes.IndexOf("\r\n\r\n"u8) >= 0;

    /// <summary>The host of the Host header without its port; null where there is none, several, or no name of a host.</summary>
    private static string? Host(string[] lines)
    {
        var hosts = lines.Skip(1).Where(line => line.StartsWith("Host:", StringComparison.OrdinalIgnoreCase)).Select(line => line[5..].Trim()).ToList();
        if (hosts.Count != 1)
            return null;
        var host = hosts[0].Split(':')[0];
        return HostNames.IsValidDnsName(host, allowWildcard: false) ? host : null;
    }

    private static bool IsPlain(string target) =>
        target.Length is > 0 and <= LongestTarget && target[0] == '/' && !target.StartsWith("//", StringComparison.Ordinal)
        && !target.AsSpan().ContainsAnyExceptInRange('!', '~');

    private static byte[] Text(string status, string body, bool withBody, string headers = "") => Encoding.ASCII.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n{headers}\r\n{(withBody ? body : "")}"));
}
