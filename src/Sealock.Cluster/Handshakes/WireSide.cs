// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Handshakes;

/// <summary>What one side sent, and when.</summary>
/// <param name="Bytes">The bytes, from the first on, up to the recorder's limit.</param>
/// <param name="Chunks">Where each piece ends, and when it was there.</param>
internal sealed record WireSide(ReadOnlyMemory<byte> Bytes, IReadOnlyList<(int End, TimeSpan At)> Chunks)
{
    public static WireSide Silent { get; } = new(ReadOnlyMemory<byte>.Empty, []);

    /// <summary>When the first <paramref name="count"/> bytes were there.</summary>
    public TimeSpan TimeOf(int count)
    {
        foreach (var (end, at) in Chunks)
        {
            if (end >= count)
                return at;
        }

        return Chunks.Count > 0 ? Chunks[^1].At : TimeSpan.Zero;
    }
}
