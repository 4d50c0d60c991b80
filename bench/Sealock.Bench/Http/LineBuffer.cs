// SPDX-License-Identifier: Apache-2.0
using System.Buffers;

namespace Sealock.Bench.Http;

/// <summary>Puts the chunks of a watch together and hands out its lines.</summary>
internal sealed class LineBuffer
{
    private readonly ArrayBufferWriter<byte> _open = new();
    private int _taken;

    /// <summary>Takes the next chunk in; lines taken before are no longer valid.</summary>
    public void Add(ReadOnlyMemory<byte> chunk)
    {
        var rest = _open.WrittenSpan[_taken..].ToArray();
        _taken = 0;
        _open.ResetWrittenCount();
        _open.Write(rest);
        _open.Write(chunk.Span);
    }

    /// <summary>The next line without its end; false where none is complete.</summary>
    public bool TryTake(out ReadOnlySpan<byte> line)
    {
        var open = _open.WrittenSpan[_taken..];
        var end = open.IndexOf((byte)'\n');
        line = end < 0 ? [] : open[..end];
        _taken += end + 1;
        return end >= 0;
    }
}
