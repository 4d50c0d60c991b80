// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace Sealock.Cluster.Distributing;

/// <summary>How ssh reaches a node.</summary>
/// <param name="Host">Host name, address, or an alias of the user's ssh configuration.</param>
/// <param name="Port">Port; null as ssh is configured.</param>
/// <param name="User">User; null as ssh is configured.</param>
public sealed partial record SshTarget(string Host, int? Port = null, string? User = null)
{
    /// <summary>Reads <c>[user@]host[:port]</c>; an IPv6 address with a port stands in brackets.</summary>
    /// <returns>Null where the text is none: also where ssh could take it for an option.</returns>
    public static SshTarget? TryParse(string text)
    {
        var at = text.LastIndexOf('@');
        var user = at < 0 ? null : text[..at];
        var host = text[(at + 1)..];
        int? port = null;
        if ((host.StartsWith('[') || !IPAddress.TryParse(host, out _)) && host.LastIndexOf(':') is var colon and >= 0 && !host.EndsWith(']'))
        {
            if (!ushort.TryParse(host.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number == 0)
                return null;
            (host, port) = (host[..colon], number);
        }

        if (host.StartsWith('[') && host.EndsWith(']'))
            host = host[1..^1];
        return IsHost(host) && (user is null || IsUser(user)) ? new SshTarget(host, port, user) : null;
    }

    /// <summary>Whether a text is a user's name as ssh takes it.</summary>
    public static bool IsUser(string text) => User_().IsMatch(text);

    /// <inheritdoc/>
    public override string ToString() =>
        (User is null ? "" : User + "@")
        + (Port is null ? Host : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}");

    private static bool IsHost(string host) => IPAddress.TryParse(host, out _) || HostName().IsMatch(host);

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._-]{0,252}\z")]
    private static partial Regex HostName();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9._\\@-]{0,99}\z")]
    private static partial Regex User_();
}
