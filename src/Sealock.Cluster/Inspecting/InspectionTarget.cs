// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Handshakes;

namespace Sealock.Cluster.Inspecting;

/// <summary>What a user names to be looked at: standard input, an endpoint, or a path.</summary>
public abstract record InspectionTarget
{
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
        // Without a port it is a file that is not there, rather than a host.
        return text.LastIndexOf(':') is > 0 and var colon && colon < text.Length - 1 && text[^1] != ']' && HostAndPort.TryParse(text, out var target)
            ? new Endpoint(target.Host, target.Port)
            : new FilePath(text);
    }

    private static InspectionTarget ParseUrl(string text, string scheme)
    {
        if (scheme.Equals("file", StringComparison.OrdinalIgnoreCase))
            return new Wrong("name the file without file://");
        if (!scheme.Equals("https", StringComparison.OrdinalIgnoreCase))
            return new Wrong($"certificates are served over https, not {scheme}; write https://host:port");
        return HostAndPort.TryParse(text, out var target) ? new Endpoint(target.Host, target.Port) : new Wrong("write it like https://host:6443");
    }
}
