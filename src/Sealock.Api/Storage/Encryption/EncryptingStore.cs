// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Sealock.Api.Storage.Encryption;

/// <summary>
/// A store whose values are sealed (AES-256-GCM) before the store below sees them, for the keys that
/// <paramref name="isEncrypted"/> names. Values that were stored in plain before encryption was switched on are read
/// as they are, sealed ones are read also after it was switched off. Besides what <see cref="IStore"/> lists, every
/// member that returns values throws <see cref="UndecryptableValueException"/> where one cannot be opened; deleting
/// such a value works.
/// </summary>
/// <param name="inner">The store below; disposed with this one.</param>
/// <param name="keys">The keys.</param>
/// <param name="isEncrypted">Tells from a store key whether its value is to be sealed.</param>
public sealed class EncryptingStore(IStore inner, KeyRing keys, Func<string, bool> isEncrypted) : IStore
{
    private const int PageSize = 500;
    private const int Attempts = 10;

    private volatile KeyRing keys = keys;

    /// <summary>The keys in use; set a new ring to rotate.</summary>
    public KeyRing Keys
    {
        get => keys;
        set => keys = value;
    }

    /// <inheritdoc/>
    public ValueTask<long> GetRevisionAsync(CancellationToken cancellationToken) => inner.GetRevisionAsync(cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<StoreEntry?> GetAsync(string key, long revision, CancellationToken cancellationToken) =>
        Open(await inner.GetAsync(key, revision, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<StorePage> ListAsync(
        string prefix, string? after, int limit, long revision, CancellationToken cancellationToken)
    {
        var page = await inner.ListAsync(prefix, after, limit, revision, cancellationToken);
        return page.Entries.Any(IsSealed) ? page with { Entries = [.. page.Entries.Select(entry => Open(entry)!)] } : page;
    }

    /// <inheritdoc/>
    /// <exception cref="NotSupportedException">A time to live for an encrypted key: sealing such a value anew under
    /// another key would make it stay for ever.</exception>
    public async ValueTask<WriteResult> PutAsync(
        string key, ReadOnlyMemory<byte> value, long expectedRevision, TimeSpan? timeToLive, CancellationToken cancellationToken)
    {
        if (HasToBeSealed(key, value.Span))
        {
            if (timeToLive is not null)
                throw new NotSupportedException($"{key} is encrypted and cannot have a time to live");
            value = Envelope.Seal(keys.WriteKey, key, value.Span);
        }
        return Open(await inner.PutAsync(key, value, expectedRevision, timeToLive, cancellationToken));
    }

    /// <inheritdoc/>
    public async ValueTask<WriteResult> DeleteAsync(string key, long expectedRevision, CancellationToken cancellationToken) =>
        Open(await inner.DeleteAsync(key, expectedRevision, cancellationToken));

    /// <inheritdoc/>
    public async IAsyncEnumerable<StoreBatch> WatchAsync(
        string prefix, long afterRevision, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var batch in inner.WatchAsync(prefix, afterRevision, cancellationToken))
        {
            yield return batch.Events.Any(change => IsSealed(change.Entry) || IsSealed(change.Previous))
                ? batch with { Events = [.. batch.Events.Select(Open)] }
                : batch;
        }
    }

    /// <inheritdoc/>
    public ValueTask CompactAsync(long revision, CancellationToken cancellationToken) =>
        inner.CompactAsync(revision, cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => inner.DisposeAsync();

    /// <summary>
    /// Writes every value anew that is not in the form it would be written in now: sealed under an older key, plain
    /// though it is to be sealed, or sealed though it is not to be any more. Each such value gets a new revision.
    /// It can be stopped and repeated at any time. Keys that are to be sealed must not have had times to live: what is
    /// written anew stays.
    /// </summary>
    /// <returns>How many values were written.</returns>
    public async Task<long> ReencryptAsync(CancellationToken cancellationToken)
    {
        var written = 0L;
        await foreach (var entry in AllAsync("", cancellationToken))
        {
            if (!IsCurrent(entry) && await RewriteAsync(entry.Key, cancellationToken))
                written++;
        }
        return written;
    }

    /// <summary>How many values are sealed under each key id; plain ones count under the empty id.</summary>
    public async Task<IReadOnlyDictionary<string, long>> CountByKeyAsync(CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>();
        await foreach (var entry in AllAsync("", cancellationToken))
        {
            var id = Envelope.KeyIdOf(entry.Value.Span) ?? "";
            counts[id] = counts.GetValueOrDefault(id) + 1;
        }
        return counts;
    }

    /// <summary>Opens every value whose key begins with <paramref name="prefix"/>, to know that the keys fit.</summary>
    /// <exception cref="UndecryptableValueException">One cannot be opened.</exception>
    public async Task VerifyAsync(string prefix, CancellationToken cancellationToken)
    {
        await foreach (var entry in AllAsync(prefix, cancellationToken))
            Open(entry);
    }

    /// <summary>
    /// Drops a key that no value is sealed under any more, and the history that may still need it. By then no process
    /// may have the key for writing. The caller saves the ring that is returned. Older backups go on needing the key.
    /// </summary>
    /// <exception cref="InvalidOperationException">Values are still sealed under it.</exception>
    /// <exception cref="ArgumentException">There is no such key, or it is the one for writing.</exception>
    public async Task<KeyRing> DropKeyAsync(string id, CancellationToken cancellationToken)
    {
        var remaining = keys.Remove(id);
        var counts = await CountByKeyAsync(cancellationToken);
        if (counts.TryGetValue(id, out var count))
            throw new InvalidOperationException($"{count} values are still sealed under key {id}: encrypt them anew first");
        await inner.CompactAsync(await inner.GetRevisionAsync(cancellationToken), cancellationToken);
        keys = remaining;
        return remaining;
    }

    private static bool IsSealed(StoreEntry? entry) => entry is not null && Envelope.IsEnvelope(entry.Value.Span);

    // A plain value that looks like an envelope is sealed too: what begins as one always is one.
    private bool HasToBeSealed(string key, ReadOnlySpan<byte> plain) => isEncrypted(key) || Envelope.IsEnvelope(plain);

    private StoreEntry? Open(StoreEntry? entry) =>
        IsSealed(entry) ? entry! with { Value = Envelope.Open(keys, entry!.Key, entry.Value.Span) } : entry;

    private StoreEvent Open(StoreEvent change) =>
        change with { Entry = Open(change.Entry), Previous = Open(change.Previous) };

    private WriteResult Open(WriteResult result) =>
        IsSealed(result.Current) ? result with { Current = Open(result.Current) } : result;

    private bool IsCurrent(StoreEntry entry)
    {
        var id = Envelope.KeyIdOf(entry.Value.Span);
        return id is null
            ? !isEncrypted(entry.Key)
            : id == keys.WriteKey.Id && HasToBeSealed(entry.Key, Open(entry)!.Value.Span);
    }

    private async Task<bool> RewriteAsync(string key, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var stored = await inner.GetAsync(key, 0, cancellationToken);
            if (stored is null || IsCurrent(stored))
                return false;
            if ((await PutAsync(key, Open(stored)!.Value, stored.Revision, null, cancellationToken)).Succeeded)
                return true;
        }
        throw new StoreUnavailableException($"{key} changes too fast to be encrypted anew; repeat the pass");
    }

    private async IAsyncEnumerable<StoreEntry> AllAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        StorePage page;
        do
        {
            page = await inner.ListAsync(prefix, after, PageSize, 0, cancellationToken);
            foreach (var entry in page.Entries)
                yield return entry;
            after = page.Entries.Count > 0 ? page.Entries[^1].Key : after;
        }
        while (page.More);
    }
}
