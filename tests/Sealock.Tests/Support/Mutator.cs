// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Sealock.Tests.Support;

/// <summary>
/// Derives malformed inputs from valid ones: bit flips, changed lengths, removed, repeated, exchanged and spliced
/// ranges. The same seed gives the same sequence, so that a finding can be repeated.
/// </summary>
internal sealed class Mutator(int seed)
{
    private static readonly byte[] Interesting = [0x00, 0x01, 0x02, 0x05, 0x06, 0x30, 0x31, 0x7f, 0x80, 0x81, 0x82, 0x84, 0xa0, 0xff];

    private readonly Random random = new(seed);

    /// <summary>One mutation of one of the samples.</summary>
    public byte[] Next(IReadOnlyList<byte[]> samples)
    {
        var bytes = new List<byte>(samples[random.Next(samples.Count)]);
        for (var steps = 1 + random.Next(4); steps > 0; steps--)
            Step(bytes, samples);
        return [.. bytes];
    }

    private void Step(List<byte> bytes, IReadOnlyList<byte[]> samples)
    {
        if (bytes.Count == 0)
        {
            bytes.Add((byte)random.Next(256));
            return;
        }
        var at = random.Next(bytes.Count);
        var length = Math.Min(1 + random.Next(16), bytes.Count - at);
        switch (random.Next(10))
        {
            case 0:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes[at] = Interesting[random.Next(Interesting.Length)];
                break;
            case 3:
                bytes[at] += (byte)(random.Next(2) == 0 ? 1 : 255);
                break;
            case 4:
                bytes.RemoveRange(at, length);
                break;
            case 5:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 6:
                bytes.RemoveRange(at, bytes.Count - at);
                break;
            case 7:
                var other = samples[random.Next(samples.Count)];
                var from = random.Next(other.Length);
                bytes.InsertRange(at, other[from..Math.Min(other.Length, from + length)]);
                break;
            case 8:
                var inserted = new byte[length];
                random.NextBytes(inserted);
                bytes.InsertRange(at, inserted);
                break;
            default:
                if (bytes.Count - at >= 2)
                {
                    Span<byte> number = stackalloc byte[2];
                    BinaryPrimitives.WriteUInt16BigEndian(number, (ushort)random.Next(0x10000));
                    (bytes[at], bytes[at + 1]) = (number[0], number[1]);
                }
                break;
        }
    }
}
