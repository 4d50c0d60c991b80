// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;

namespace Sealock.Controllers.Issuance.Probing;

/// <summary>
/// Reads which endpoints must serve a certificate: <c>host:port</c>, or <c>server-name@host:port</c>, several with commas between;
/// IPv6 addresses in brackets.
/// </summary>
internal static class ProbeTargets
{
    /// <summary>A stranger may name endpoints: only so many are asked.</summary>
    public const int Most = 8;

    /// <summary>The endpoints; null where the text is not understood, and why.</summary>
    public static IReadOnlyList<ProbeTarget>? Parse(string text, string defaultName, out string problem)
    {
        problem = "";
        var targets = new List<ProbeTarget>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var at = part.IndexOf('@', StringComparison.Ordinal);
            var (name, place) = at < 0 ? ("", part) : (part[..at], part[(at + 1)..]);
            var colon = place.LastIndexOf(':');
            if (colon <= 0 || !int.TryParse(place[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                || port is 0 or > 65535)
            {
                problem = $"\"{part}\" is not host:port";
                return null;
            }

            var host = place[..colon].Trim('[', ']');
            if (Uri.CheckHostName(host) == UriHostNameType.Unknown)
            {
                problem = $"\"{host}\" is no host";
                return null;
            }

            if (name.Length == 0)
                name = IPAddress.TryParse(host, out _) ? defaultName : host;
            targets.Add(new ProbeTarget(host, port, name));
        }

        if (targets.Count is > 0 and <= Most)
            return targets;
        problem = $"it names {targets.Count} endpoints, not 1 to {Most}";
        return null;
    }
}
