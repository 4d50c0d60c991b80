// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Http;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// The id under which a request is audited: the client's own, if it sends a decent one, or a new one.
/// </summary>
internal static class AuditId
{
    private const int MaxLength = 64;

    /// <summary>The id of a request.</summary>
    public static string For(HttpRequest request)
    {
        var sent = request.Headers["Audit-ID"];
        return sent is [{ Length: > 0 and <= MaxLength } id] && IsDecent(id) ? id : Guid.NewGuid().ToString();
    }

    private static bool IsDecent(string id)
    {
        foreach (var character in id)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '_' or '.'))
                return false;
        }

        return true;
    }
}
