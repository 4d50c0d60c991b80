// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Api.Definitions.Plain;

/// <summary>The maps of data that Secrets and ConfigMaps hold.</summary>
internal static class DataRules
{
    public static IEnumerable<FieldError> CheckKeys(JsonObject? data, FieldPath path)
    {
        foreach (var key in (data ?? []).Select(p => p.Key).Order(StringComparer.Ordinal))
        {
            foreach (var wrong in NameRules.ConfigKey(key))
            {
                yield return path.Key(key).Invalid(key, wrong);
            }
        }
    }

    /// <summary>The number of bytes that a base64 text stands for.</summary>
    public static long DecodedLength(string base64) =>
        (base64.Length / 4 * 3L) - (base64.EndsWith("==", StringComparison.Ordinal) ? 2 : base64.EndsWith('=') ? 1 : 0);

    /// <summary>The bytes that a base64 text stands for; none where it is malformed, which decoding has refused before.</summary>
    public static byte[] Decode(string base64)
    {
        var bytes = new byte[(base64.Length / 4 * 3) + 3];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? bytes[..length] : [];
    }
}
