// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>Rules of fields that hold IP addresses.</summary>
internal static class AddressRules
{
    public static bool TryParse(string text, [NotNullWhen(true)] out IPAddress? address) => AddressText.TryParse(text, out address);

    public static bool IsNetwork(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash > 0 && TryParse(text[..slash], out var address)
            && int.TryParse(text.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= (address.AddressFamily is AddressFamily.InterNetwork ? 32 : 128);
    }

    public static bool IsIPv6(string text) => TryParse(text, out var address) && address.AddressFamily is AddressFamily.InterNetworkV6;

    public static IEnumerable<FieldError> Check(string text, FieldPath path) => TryParse(text, out _)
        ? [] : [path.Invalid(text, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];

    /// <summary>Addresses that make no sense for others: unspecified, loopback, link-local.</summary>
    public static IEnumerable<FieldError> CheckNotSpecial(string text, FieldPath path)
    {
        if (!TryParse(text, out var parsed))
        {
            return [path.Invalid(text, "must be a valid IP address")];
        }

        var address = parsed.IsIPv4MappedToIPv6 ? parsed.MapToIPv4() : parsed;
        var bytes = address.GetAddressBytes();
        var isV4 = bytes.Length == 4;
        string? wrong = null;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
        {
            wrong = "may not be unspecified (0.0.0.0)";
        }
        else if (IPAddress.IsLoopback(address))
        {
            wrong = "may not be in the loopback range (127.0.0.0/8)";
        }
        else if (isV4 ? bytes[0] == 169 && bytes[1] == 254 : address.IsIPv6LinkLocal)
        {
            wrong = "may not be in the link-local range (169.254.0.0/16)";
        }
        else if (isV4 ? bytes[0] == 224 && bytes[1] == 0 && bytes[2] == 0 : bytes[0] == 0xff && (bytes[1] & 0x0f) == 2)
        {
            wrong = "may not be in the link-local multicast range (224.0.0.0/24)";
        }

        return wrong is null ? [] : [path.Invalid(text, wrong)];
    }

    /// <summary>The addresses of a load balancer in a status.</summary>
    public static IEnumerable<FieldError> CheckLoadBalancer(System.Text.Json.Nodes.JsonObject? status)
    {
        foreach (var (index, ingress) in status.Map("loadBalancer").Items("ingress").Index())
        {
            var path = new FieldPath("status").Child("loadBalancer", "ingress").Index(index);
            var (ip, host) = (ingress.Text("ip"), ingress.Text("hostname"));
            if (ip.Length > 0 && !TryParse(ip, out _))
            {
                yield return path.Child("ip").Invalid(ip, "must be a valid IP address");
            }

            foreach (var wrong in host.Length > 0 ? NameRules.DnsSubdomain(host) : [])
            {
                yield return path.Child("hostname").Invalid(host, wrong);
            }

            if (TryParse(host, out _))
            {
                yield return path.Child("hostname").Invalid(host, "must be a DNS name, not an IP address");
            }
        }
    }
}
