// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Inspecting;

/// <summary>What a user names to be looked at: standard input, an endpoint, or a path.</summary>
public abstract record InspectionTarget
{
    private const int HttpsPort = 443;

    private InspectionTarget()
    {
    }

    /// <summary>Standard input, <c>-</c>.</summary>
    public sealed record StandardInput : InspectionTarget;

    /// <summary>A file or folder.</summary>
    public sealed record FilePath(string Path) : InspectionTarget;

    /// <summary>A TLS server.</summary>
    public sealed record Endpoint(string Host, int Port) : InspectionTarget;

    /// <summary>A target that is none.</summary>
    /// <param name="Remedy">What to write instead.</param>
    public sealed record Wrong(string Remedy) : InspectionTarget;

    /// <summary>
    /// Tells targets apart: <c>-</c>; <c>https://host[:port]</c>; <c>host:port</c> and <c>[address]:port</c> where no file has
    /// that name; else a path.
    /// </summary>
    /// <param name="text">What the user wrote.</param>
    /// <param name="exists">Whether there is a file or folder of a name.</param>
    public static InspectionTarget Parse(string text, Func<string, bool> exists)
    {
        if (text == "-")
            return new StandardInput();
        if (text.Length == 0)
            return new Wrong("name a file, a folder, host:port, or - for standard input");
        var scheme = text.IndexOf("://", StringComparison.Ordinal);
        if (scheme > 0)
            return ParseUrl(text, text[..scheme]);
        if (exists(text) || text.Contains('/', StringComparison.Ordinal))
            return new FilePath(text);
        return ParseHostAndPort(text) ?? (InspectionTarget)new FilePath(text);
    }

    private static InspectionTarget ParseUrl(string text, string scheme)
    {
        if (scheme.Equals("file", StringComparison.OrdinalIgnoreCase))
            return new Wrong("name the file without file://");
        if (!scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return new Wrong($"certificates are served over https, not {scheme}; write https://host:port");
        return Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Host.Length > 0 && url.UserInfo.Length == 0
            ? new Endpoint(url.IdnHost.Trim('[', ']'), url.Port is > 0 and var port ? port : HttpsPort)
            : new Wrong("write it like https://host:6443");
    }

    private static Endpoint? ParseHostAndPort(string text)
    {
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port is < 1 or > 65535)
            return null;
        var host = text[..colon];
        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        else if (host.Contains(':', StringComparison.Ordinal))
            return null;
        return IPAddress.TryParse(host, out _) || HostNames.IsValidDnsName(host, allowWildcard: false) ? new(host, port) : null;
    }
}
