// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;
using Sealock.Api.Storage.Encryption;
using Sealock.Api.Storage.Sqlite;
using Sealock.Hosting;

namespace Sealock.Encryption;

/// <summary>
/// The encryption keys of a data folder whose server is stopped. Rotation takes steps of which each is durable before
/// the next begins, so that it may be killed anywhere: the new key is saved, values are sealed under it, history that
/// needs an old key is dropped, the old key is dropped. Run again, it goes on where it was.
/// </summary>
internal sealed class KeyRotation : IAsyncDisposable
{
    private readonly DataFolder _folder;
    private readonly EncryptingStore _store;

    private KeyRotation(DataFolder folder, EncryptingStore store) => (_folder, _store) = (folder, store);

    /// <summary>The keys now.</summary>
    public KeyRing Keys => _store.Keys;

    /// <summary>Opens the folder. While it is open, no server can start on it.</summary>
    /// <exception cref="CommandException">No store, a server has it open, or the keys cannot be read.</exception>
    public static async Task<KeyRotation> OpenAsync(DataFolder folder, CancellationToken cancellationToken)
    {
        if (!File.Exists(Path.Combine(folder.Store, SqliteStore.FileName)))
            throw new CommandException($"{folder.Path} holds no store; name the data folder with --data");
        try
        {
            var keys = KeyFile.Load(folder.EncryptionKeys);
            var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { Folder = folder.Store }, cancellationToken);
            return new KeyRotation(folder, new EncryptingStore(store, keys, Definitions.IsEncrypted));
        }
        catch (Exception fault) when (fault is StoreOpenException or KeyFileException)
        {
            throw new CommandException(fault.Message);
        }
    }

    /// <summary>How many values are sealed under a key.</summary>
    /// <exception cref="CommandException">The store cannot be read.</exception>
    public Task<IReadOnlyDictionary<string, long>> CountAsync(CancellationToken cancellationToken) =>
        Guarded(() => _store.CountByKeyAsync(cancellationToken));

    /// <summary>
    /// Adds a key, seals everything under it and drops the others. Where an earlier rotation was interrupted, that one
    /// is finished and no further key is added.
    /// </summary>
    /// <returns>How many values were sealed anew, and the ids of the dropped keys.</returns>
    /// <exception cref="CommandException">Something failed; everything stays readable.</exception>
    public Task<(long Written, IReadOnlyList<string> Dropped)> RotateAsync(
        TimeProvider clock, CancellationToken cancellationToken) => Guarded(async () =>
    {
        if (Keys.Keys.Length == 1)
        {
            var key = EncryptionKey.Generate(clock.GetUtcNow());
            var extended = Keys.Add(key).Promote(key.Id);
            KeyFile.Save(_folder.EncryptionKeys, extended);
            _store.Keys = extended;
        }

        var written = await _store.ReencryptAsync(cancellationToken);
        var dropped = new List<string>();
        foreach (var old in Keys.Keys[1..])
        {
            KeyFile.Save(_folder.EncryptionKeys, await _store.DropKeyAsync(old.Id, cancellationToken));
            dropped.Add(old.Id);
        }

        return (written, (IReadOnlyList<string>)dropped);
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    private static async Task<T> Guarded<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or StoreUnavailableException
            or UndecryptableValueException or InvalidOperationException)
        {
            throw new CommandException($"{fault.Message}. Nothing is lost: run it again once this is settled.");
        }
    }
}
