// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Acme.Dns;

/// <summary>A CAA record (RFC 8659): who may issue certificates for a name.</summary>
/// <param name="IsCritical">Whether a CA that does not know the tag must not issue.</param>
/// <param name="Tag">The property in lower case: <c>issue</c>, <c>issuewild</c>, <c>iodef</c>, or another.</param>
/// <param name="Value">Its value.</param>
public sealed record CaaRecord(bool IsCritical, string Tag, string Value)
{
    /// <summary>Reads a record's data; null where it is malformed.</summary>
    public static CaaRecord? Read(ReadOnlySpan<byte> data)
    {
        if (data.Length < 2 || data[1] == 0 || data.Length < 2 + data[1])
            return null;
        var tag = data.Slice(2, data[1]);
        foreach (var letter in tag)
            if (!char.IsAsciiLetterOrDigit((char)letter))
                return null;
        return new((data[0] & 0x80) != 0, Encoding.ASCII.GetString(tag).ToLowerInvariant(), Encoding.Latin1.GetString(data[(2 + data[1])..]));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{(IsCritical ? 128 : 0)} {Tag} \"{Value}\"";
}
