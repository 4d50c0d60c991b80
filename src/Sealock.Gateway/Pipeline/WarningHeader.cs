// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Gateway.Pipeline;

/// <summary>RFC 7234 warning headers, which kubectl prints: <c>299 - "text"</c>.</summary>
internal static class WarningHeader
{
    /// <summary>The header's value; control characters become spaces, quotes and backslashes are escaped.</summary>
    public static string Format(string text)
    {
        var value = new StringBuilder("299 - \"", text.Length + 10);
        foreach (var character in text)
        {
            if (character is '"' or '\\')
                value.Append('\\');
            value.Append(char.IsControl(character) ? ' ' : character);
        }

        return value.Append('"').ToString();
    }
}
