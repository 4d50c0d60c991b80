// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Storage.Encryption;

/// <summary>
/// The keys that values are read with, of which the first seals what is written. A ring never changes: rotation makes
/// a new one. Where several processes share a store, each first gets the new key at the end, then it is made first.
/// </summary>
public sealed class KeyRing
{
    private const int MaxKeys = 100;

    /// <exception cref="ArgumentException">There is no key, there are more than 100, or two have the same id.</exception>
    public KeyRing(IEnumerable<EncryptionKey> keys)
    {
        Keys = [.. keys];
        if (Keys.Length is 0 or > MaxKeys)
            throw new ArgumentException($"a key ring has 1 to {MaxKeys} keys", nameof(keys));
        if (Keys.DistinctBy(key => key.Id).Count() != Keys.Length)
            throw new ArgumentException("two keys have the same id", nameof(keys));
    }

    /// <summary>All keys, the one for writing first.</summary>
    public ImmutableArray<EncryptionKey> Keys { get; }

    /// <summary>The key that new values are sealed under.</summary>
    public EncryptionKey WriteKey => Keys[0];

    /// <summary>The key of an id, or null.</summary>
    public EncryptionKey? Find(string id) => Keys.FirstOrDefault(key => key.Id == id);

    /// <summary>The ring with one more key, which only reads as yet.</summary>
    /// <exception cref="ArgumentException">The ring is full, or has a key of that id.</exception>
    public KeyRing Add(EncryptionKey key) => new([.. Keys, key]);

    /// <summary>The ring with a key that it has as the one for writing.</summary>
    /// <exception cref="ArgumentException">The ring has no such key.</exception>
    public KeyRing Promote(string id)
    {
        var key = Find(id) ?? throw new ArgumentException($"there is no key {id}", nameof(id));
        return new([key, .. Keys.Remove(key)]);
    }

    /// <summary>The ring without a key; see <see cref="EncryptingStore.DropKeyAsync"/> for when that is safe.</summary>
    /// <exception cref="ArgumentException">The ring has no such key, or it is the one for writing.</exception>
    internal KeyRing Remove(string id)
    {
        var key = Find(id) ?? throw new ArgumentException($"there is no key {id}", nameof(id));
        return key == WriteKey
            ? throw new ArgumentException($"key {id} is the one for writing: make another the first before", nameof(id))
            : new(Keys.Remove(key));
    }
}
