// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Gateway.Users;

/// <summary>What a password must be: long, and not the user's name. Nothing is asked about kinds of characters (NIST SP 800-63B).</summary>
public static class PasswordRules
{
    /// <summary>The fewest characters.</summary>
    public const int Shortest = 12;

    /// <summary>The most bytes of UTF-8.</summary>
    public const int Longest = 256;

    /// <summary>Why a password is not taken; null where it is.</summary>
    public static string? Refuse(string password, string user)
    {
        if (password.EnumerateRunes().Count() < Shortest)
            return $"must have at least {Shortest} characters";
        if (Encoding.UTF8.GetByteCount(password) > Longest)
            return $"must have at most {Longest} bytes";
        if (password.EnumerateRunes().Distinct().Count() < 4 || password.Contains(user, StringComparison.OrdinalIgnoreCase) && password.Length < user.Length + Shortest)
            return "is too easy to guess; several random words make a good one";
        return password.Any(char.IsControl) ? "must have no control characters" : null;
    }
}
