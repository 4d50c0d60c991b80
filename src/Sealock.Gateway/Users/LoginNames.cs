// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Security.Cryptography;

namespace Sealock.Gateway.Users;

/// <summary>New tokens, and the names of their objects.</summary>
internal static class LoginNames
{
    /// <summary>How the names of LoginTokens begin that the server makes.</summary>
    public const string Prefix = "login-";

    /// <summary>A token: 256 random bits.</summary>
    public static string NewToken() => LocalUsers.Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));

    /// <summary>The name of a token's object, which tells nothing of the token.</summary>
    public static string NewName() => Prefix + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(10));
}
