// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Bench.Http;

/// <summary>An answer; its body is valid until the connection is used again.</summary>
internal readonly record struct Answer(int Status, ReadOnlyMemory<byte> Body)
{
    public bool Succeeded => Status is >= 200 and < 300;

    public string Text => Encoding.UTF8.GetString(Body.Span);

    /// <exception cref="InvalidOperationException">The server refused: a benchmark of refusals is none.</exception>
    public Answer Expect(string what) => Succeeded
        ? this
        : throw new InvalidOperationException($"{what}: the server answered {Status} {Text[..Math.Min(300, Text.Length)]}");
}
