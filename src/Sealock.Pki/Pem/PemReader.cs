// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Sealock.Pki.Pem;

/// <summary>A linear-time PEM scanner that accepts what Go's <c>pem.Decode</c> accepts, in a loop over the text.</summary>
internal static class PemReader
{
    private static readonly SearchValues<byte> WhiteSpace = SearchValues.Create(" \t\r\n\v\f"u8);

    public static PemDocument Read(ReadOnlySpan<byte> text, PemLimits limits)
    {
        if (text.Length > limits.MaxBytes)
            throw new PkiFormatException($"expected at most {limits.MaxBytes} bytes of PEM, got {text.Length}");

        var blocks = new List<PemBlock>();
        var textOutside = false;
        var position = 0;
        var nextEnd = 0;
        while (FindBegin(text, position) is var begin and >= 0)
        {
            var outsideBefore = text[position..begin].ContainsAnyExcept(WhiteSpace);
            if (TryReadBlock(text, begin, ref nextEnd, out var resume) is not { } block)
            {
                textOutside = true;
                position = resume;
                continue;
            }
            if (blocks.Count == limits.MaxBlocks)
                throw new PkiFormatException($"expected at most {limits.MaxBlocks} PEM blocks");
            textOutside |= outsideBefore;
            blocks.Add(block);
            position = resume;
        }
        textOutside |= text[position..].ContainsAnyExcept(WhiteSpace);
        return new PemDocument { Blocks = blocks, HasTextOutsideBlocks = textOutside };
    }

    /// <summary>Index of the next BEGIN that starts a line, or -1.</summary>
    private static int FindBegin(ReadOnlySpan<byte> text, int from)
    {
        if (text[from..].StartsWith("-----BEGIN "u8) && (from == 0 || text[from - 1] == '\n'))
            return from;
        var at = text[from..].IndexOf("\n-----BEGIN "u8);
        return at < 0 ? -1 : from + at + 1;
    }

    /// <summary>
    /// Reads the block that begins at <paramref name="begin"/>; null where it is broken. <paramref name="nextEnd"/>
    /// remembers the next END marker over calls, so that many BEGINs without an END stay linear.
    /// </summary>
    private static PemBlock? TryReadBlock(ReadOnlySpan<byte> text, int begin, ref int nextEnd, out int resume)
    {
        var typeLine = ReadLine(text, begin, out var body);
        resume = body;
        if (typeLine.Length < 16 || !typeLine.EndsWith("-----"u8))
            return null;
        var label = typeLine[11..^5];

        List<KeyValuePair<string, string>>? headers = null;
        while (true)
        {
            if (body >= text.Length)
                return null;
            var line = ReadLine(text, body, out var afterLine);
            var colon = line.IndexOf((byte)':');
            if (colon < 0)
                break;
            (headers ??= []).Add(new(
                Encoding.UTF8.GetString(line[..colon]).Trim(), Encoding.UTF8.GetString(line[(colon + 1)..]).Trim()));
            body = afterLine;
        }
        resume = body;

        var end = headers is null && text[body..].StartsWith("-----END "u8) ? body : FindEnd(text, body, ref nextEnd);
        if (end < 0)
            return null;
        var endLine = ReadLine(text, end, out var afterEnd);
        if (endLine.Length != label.Length + 14 || !endLine[9..^5].SequenceEqual(label) || !endLine.EndsWith("-----"u8))
            return null;
        if (DecodeBase64(text[body..end]) is not { } content)
            return null;
        resume = afterEnd;
        return new PemBlock(Encoding.UTF8.GetString(label), content, headers ?? []);
    }

    private static int FindEnd(ReadOnlySpan<byte> text, int from, ref int nextEnd)
    {
        if (nextEnd < 0 || nextEnd >= from)
            return nextEnd;
        // The END line's own newline may be the one that ended the line before `from`.
        var start = Math.Max(from - 1, 0);
        var at = text[start..].IndexOf("\n-----END "u8);
        return nextEnd = at < 0 ? -1 : start + at + 1;
    }

    private static byte[]? DecodeBase64(ReadOnlySpan<byte> body)
    {
        if (body.Contains((byte)'-'))
            return null;
        var buffer = new byte[Base64.GetMaxDecodedFromUtf8Length(body.Length) + 3];
        return Base64.DecodeFromUtf8(body, buffer, out var consumed, out var written) == OperationStatus.Done
            && !body[consumed..].ContainsAnyExcept(WhiteSpace)
            ? buffer[..written]
            : null;
    }

    /// <summary>The line at <paramref name="start"/> without its trailing white space.</summary>
    private static ReadOnlySpan<byte> ReadLine(ReadOnlySpan<byte> text, int start, out int next)
    {
        var newline = text[start..].IndexOf((byte)'\n');
        next = newline < 0 ? text.Length : start + newline + 1;
        return text[start..next].TrimEnd(" \t\r\n\v\f"u8);
    }
}
