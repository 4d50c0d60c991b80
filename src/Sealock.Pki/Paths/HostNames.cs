// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Paths;

/// <summary>Whether a certificate names a host (RFC 6125; never by its common name).</summary>
public static class HostNames
{
    /// <summary>
    /// Null where one of the alternative names matches <paramref name="host"/> (an IP address exactly; a DNS name
    /// without regard to case, a leading <c>*</c> for one label), else why not in plain words.
    /// </summary>
    public static string? Refuse(Certificate certificate, string host)
    {
        var names = certificate.Names;
        if (IPAddress.TryParse(host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host, out var address))
        {
            var plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
            return names.IpAddresses.Contains(plain) ? null : Mismatch(host, names);
        }
        var wanted = host.TrimEnd('.');
        if (!IsValidDnsName(wanted, allowWildcard: false))
            return $"'{host}' is not a host name";
        return names.DnsNames.Any(pattern => Matches(pattern, wanted)) ? null : Mismatch(host, names);
    }

    /// <summary>True for labels of letters, digits, hyphens and underscores, at most 253 characters.</summary>
    public static bool IsValidDnsName(string name, bool allowWildcard)
    {
        if (name.Length is 0 or > 253)
            return false;
        var rest = name.AsSpan();
        if (allowWildcard && rest.StartsWith("*."))
            rest = rest[2..];
        foreach (var range in rest.Split('.'))
        {
            var label = rest[range];
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-')
                return false;
            foreach (var c in label)
                if (!char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_'))
                    return false;
        }
        return true;
    }

    private static bool Matches(string pattern, string host)
    {
        if (!IsValidDnsName(pattern, allowWildcard: true))
            return false;
        if (!pattern.StartsWith("*.", StringComparison.Ordinal))
            return pattern.Equals(host, StringComparison.OrdinalIgnoreCase);
        var dot = host.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && pattern.AsSpan(1).Equals(host.AsSpan(dot), StringComparison.OrdinalIgnoreCase);
    }

    private static string Mismatch(string host, SubjectAlternativeNames names) => names.Count == 0
        ? $"the certificate names no host, so not '{host}' either (a common name does not count)"
        : $"the certificate is for {Shorten(names)}, not for '{host}'";

    private static string Shorten(SubjectAlternativeNames names) =>
        string.Join(", ", names.Take(10)) + (names.Count > 10 ? $" and {names.Count - 10} more" : "");
}
