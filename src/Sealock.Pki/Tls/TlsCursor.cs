// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Tls;

/// <summary>Reads TLS structures forward; a read beyond the end sets <see cref="Failed"/> and yields nothing.</summary>
internal ref struct TlsCursor(ReadOnlySpan<byte> bytes)
{
    private ReadOnlySpan<byte> rest = bytes;

    public readonly bool AtEnd => rest.IsEmpty;

    public bool Failed { get; private set; }

    public void Fail()
    {
        Failed = true;
        rest = default;
    }

    public byte Byte() => Take(1) is [var value] ? value : (byte)0;

    public ushort UInt16() => Take(2) is [var high, var low] ? (ushort)((high << 8) | low) : (ushort)0;

    public int UInt24() => Take(3) is [var high, var middle, var low] ? (high << 16) | (middle << 8) | low : 0;

    public void Skip(int count) => Take(count);

    public ReadOnlySpan<byte> Vector8() => Take(Byte());

    public ReadOnlySpan<byte> Vector16() => Take(UInt16());

    public ReadOnlySpan<byte> Vector24() => Take(UInt24());

    public ReadOnlySpan<byte> Take(int count)
    {
        if (count > rest.Length)
        {
            Fail();
            return default;
        }
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
