// SPDX-License-Identifier: Apache-2.0
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Sealock.Gateway.Forwarding;

/// <summary>
/// Reads <c>X-Forwarded-For</c> and <c>-Proto</c>. The nearest proxy's entries stand last in each, so the two
/// are laid beside each other from their ends.
/// </summary>
internal static class XForwardedHeaders
{
    private const string For = "X-Forwarded-For";
    private const string Proto = "X-Forwarded-Proto";

    /// <summary>The last <paramref name="most"/> hops at most, the nearest proxy last.</summary>
    public static List<ForwardedHop> Read(IHeaderDictionary headers, int most)
    {
        var (nodes, protos) = (Entries(headers[For], most), Entries(headers[Proto], most));
        var count = Math.Max(nodes.Count, protos.Count);
        var hops = new List<ForwardedHop>(count);
        for (var fromEnd = count; fromEnd > 0; fromEnd--)
            hops.Add(new ForwardedHop(At(nodes, fromEnd), At(protos, fromEnd)));
        return hops;
    }

    private static string? At(List<string> entries, int fromEnd) => fromEnd <= entries.Count ? entries[^fromEnd] : null;

    private static List<string> Entries(StringValues lines, int most)
    {
        var entries = new List<string>();
        for (var line = lines.Count - 1; line >= 0 && entries.Count < most; line--)
        {
            var rest = lines[line].AsSpan();
            while (!rest.IsEmpty && entries.Count < most)
            {
                var comma = rest.LastIndexOf(',');
                var entry = rest[(comma + 1)..].Trim(" \t");
                if (!entry.IsEmpty)
                    entries.Add(entry.ToString());
                rest = comma < 0 ? [] : rest[..comma];
            }
        }

        entries.Reverse();
        return entries;
    }
}
