// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Net;
using Sealock.Api.Objects;
using Sealock.Gateway.Listener;

namespace Sealock.Gateway.Forwarding;

/// <summary>
/// Reads whom a proxy names: an address with or without a port, as proxies write it in <c>X-Forwarded-For</c> and as RFC 7239
/// section 6 has it.
/// </summary>
internal static class ForwardedNode
{
    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz._-");

    /// <summary>
    /// Reads it; <paramref name="address"/> is null where the proxy says that it does not tell (<c>unknown</c>, <c>_name</c>).
    /// </summary>
    /// <returns>False if it is nothing of the kind.</returns>
    public static bool TryRead(ReadOnlySpan<char> text, out IPAddress? address)
    {
        address = null;
        var host = HostOf(text, out var port);
        if (!port.IsEmpty && !IsPort(port[1..]))
            return false;
        if (host.Equals("unknown", StringComparison.OrdinalIgnoreCase) || (host is ['_', _, ..] && IsName(host)))
            return true;
        if (!AddressText.TryParse(host, out var parsed))
            return false;
        address = ConnectionOrigin.Normal(parsed);
        return true;
    }

    private static ReadOnlySpan<char> HostOf(ReadOnlySpan<char> text, out ReadOnlySpan<char> port)
    {
        port = [];
        var end = text is ['[', ..] ? text.IndexOf(']') + 1 : text.IndexOf(':');
        // More than one colon outside of brackets: an IPv6 address, and no port.
        if (end <= 0 || (text[0] != '[' && text.LastIndexOf(':') != end))
            return text;
        if (end < text.Length && text[end] != ':')
            return text;
        port = text[end..];
        return text[0] == '[' ? text[1..(end - 1)] : text[..end];
    }

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text is ['_', _, ..] ? IsName(text) : text.Length is > 0 and <= 5 && !text.ContainsAnyExceptInRange('0', '9');

    private static bool IsName(ReadOnlySpan<char> text) =>
        !text.ContainsAnyExcept(NameCharacters);
}
