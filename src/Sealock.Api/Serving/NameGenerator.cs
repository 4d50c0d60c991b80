// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;

namespace Sealock.Api.Serving;

/// <summary>Names for objects that ask for one (metadata.generateName).</summary>
internal static class NameGenerator
{
    private const int LongestPrefix = 58;

    // Without vowels and what looks like them, so that no words come out.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>The prefix, cut to 58 characters, and five random characters.</summary>
    public static string Generate(string prefix) =>
        string.Concat(
            prefix.AsSpan(0, Math.Min(prefix.Length, LongestPrefix)), RandomNumberGenerator.GetString(Alphabet, 5));
}
