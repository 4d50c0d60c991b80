// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.Bench.Http;

/// <summary>Reads what matters of an answer's head.</summary>
internal static class AnswerHead
{
    /// <param name="head">The status line and the headers, with the end of the last.</param>
    /// <returns>The status, and the length of the body; null where it is chunked.</returns>
    public static (int Status, int? Length) Read(ReadOnlySpan<byte> head)
    {
        var status = int.Parse(head.Slice(9, 3), CultureInfo.InvariantCulture);
        head = head[(head.IndexOf((byte)'\n') + 1)..];
        while (!head.IsEmpty)
        {
            var end = head.IndexOf("\r\n"u8);
            const int name = 16;
            if (end > name && Ascii.EqualsIgnoreCase(head[..(name - 1)], "content-length:"u8))
                return (status, int.Parse(head[name..end], CultureInfo.InvariantCulture));
            head = head[(end + 2)..];
        }

        return (status, null);
    }
}
