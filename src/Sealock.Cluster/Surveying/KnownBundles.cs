// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Surveying;

/// <summary>
/// Bundles that stand on every node, in files and in kubeconfigs, are parsed once. Only certificates without keys are kept, and
/// few: a set of thousands of nodes has as many different bundles as authorities.
/// </summary>
internal sealed class KnownBundles
{
    private const int Room = 16;
    private const int Largest = 16 * 1024;

    private readonly Slot?[] _slots = new Slot?[Room];
    private int _used;

    /// <summary>What the same bytes were parsed to before; null where they were not.</summary>
    public PemBody? Find(ReadOnlySpan<byte> content)
    {
        foreach (var slot in _slots.AsSpan(0, Math.Min(Volatile.Read(ref _used), Room)))
        {
            if (slot is { } known && content.SequenceEqual(known.Content))
                return known.Body;
        }

        return null;
    }

    /// <summary>Keeps a bundle of CAs, where there is room, and returns it.</summary>
    public PemBody Keep(ReadOnlySpan<byte> content, PemBody body)
    {
        if (content.Length > Largest || body.PrivateKeys.Count > 0 || body.Certificates is not [{ IsCa: true }, ..] || Volatile.Read(ref _used) >= Room)
            return body;
        var index = Interlocked.Increment(ref _used) - 1;
        if (index < Room)
            _slots[index] = new(content.ToArray(), body);
        return body;
    }

    private sealed record Slot(byte[] Content, PemBody Body);
}
