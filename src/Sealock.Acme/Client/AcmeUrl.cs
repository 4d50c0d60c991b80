// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Sealock.Acme.Client;

/// <summary>The URLs a server hands out: HTTPS only, without user information, of bounded length.</summary>
internal static class AcmeUrl
{
    private const int Longest = 4096;

    public static bool TryParse(string? text, [NotNullWhen(true)] out Uri? url)
    {
        url = null;
        return text is { Length: > 0 and <= Longest } && Uri.TryCreate(text, UriKind.Absolute, out url) && IsFit(url);
    }

    /// <summary>A URL that may be relative to another; null where the outcome is not fit.</summary>
    public static Uri? Resolve(Uri from, string? text) =>
        text is { Length: > 0 and <= Longest } && Uri.TryCreate(from, text, out var url) && IsFit(url) ? url : null;

    private static bool IsFit(Uri url) => url.Scheme == Uri.UriSchemeHttps && url.UserInfo.Length == 0;
}
