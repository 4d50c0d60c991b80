// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Sealock.Controllers.Views;

/// <summary>The first half of a SHA-256: tells contents apart without keeping them. The default value stands for nothing.</summary>
internal readonly record struct Print(UInt128 Value)
{
    public bool IsNone => Value == default;

    public static Print Of(ReadOnlySpan<byte> content)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(content, hash);
        return new(BinaryPrimitives.ReadUInt128BigEndian(hash));
    }

    /// <summary>A text; nothing for the empty one.</summary>
    public static Print Of(string text) => text.Length == 0 ? default : Of(Encoding.UTF8.GetBytes(text));

    /// <summary>Texts whatever their order and repetition; nothing where there are none.</summary>
    public static Print OfSet(IEnumerable<string> texts)
    {
        var sorted = texts.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
        return sorted.Length == 0 ? default : Of(Encoding.UTF8.GetBytes(string.Join('\0', sorted)));
    }

    /// <summary>32 hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x32", null);
}
