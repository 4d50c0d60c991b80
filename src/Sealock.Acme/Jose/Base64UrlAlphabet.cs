// SPDX-License-Identifier: Apache-2.0
using System.Buffers;

namespace Sealock.Acme.Jose;

/// <summary>The characters that tokens and nonces may have; whether the bits at their end add up is the server's business.</summary>
internal static class Base64UrlAlphabet
{
    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>Whether a text is not empty, not longer than a limit, and of these characters alone.</summary>
    public static bool Is(string? text, int longest) =>
        text is { Length: > 0 } && text.Length <= longest && !text.AsSpan().ContainsAnyExcept(Characters);
}
