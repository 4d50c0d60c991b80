// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Net;

namespace Sealock.Api.Objects;

/// <summary>
/// IP addresses as Go reads them: four decimal numbers without leading zeros, or IPv6 without a zone. What other readers
/// take besides (octal numbers, missing parts, brackets) would let two programs disagree on whom a text names.
/// </summary>
public static class AddressText
{
    private static readonly SearchValues<char> IPv6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Reads an address; never throws.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out IPAddress? address)
    {
        address = null;
        return text.Contains(':')
            ? !text.ContainsAnyExcept(IPv6Characters) && IPAddress.TryParse(text, out address)
            : IsDottedQuad(text) && IPAddress.TryParse(text, out address);
    }

    private static bool IsDottedQuad(ReadOnlySpan<char> text)
    {
        var parts = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (++parts > 4 || part.Length is 0 or > 3 || part.ContainsAnyExceptInRange('0', '9') || (part.Length > 1 && part[0] == '0'))
                return false;
        }

        return parts == 4;
    }
}
