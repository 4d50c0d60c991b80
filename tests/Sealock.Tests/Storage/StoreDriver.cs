// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;
using Sealock.Tests.Support;

namespace Sealock.Tests.Storage;

/// <summary>Makes empty stores of one kind, and cleans up behind them.</summary>
public abstract class StoreDriver
{
    /// <summary>An empty store that measures times to live by the clock.</summary>
    public abstract Task<IStore> OpenAsync(TimeProvider clock);

    /// <summary>Removes what the stores left; they are closed by now.</summary>
    public virtual void CleanUp()
    {
    }
}

public sealed class MemoryDriver : StoreDriver
{
    public override Task<IStore> OpenAsync(TimeProvider clock) => Task.FromResult<IStore>(new MemoryStore(clock));
}

public sealed class SqliteDriver : StoreDriver
{
    private readonly string folder = Directory.CreateTempSubdirectory("sealock-test-").FullName;

    public override async Task<IStore> OpenAsync(TimeProvider clock) =>
        await SqliteStore.OpenAsync(new SqliteStoreOptions { Folder = folder, Clock = clock });

    public override void CleanUp() => Directory.Delete(folder, recursive: true);
}

/// <summary>A test with a store of its own.</summary>
public abstract class StoreTests<TDriver> : IAsyncLifetime
    where TDriver : StoreDriver, new()
{
    private readonly TDriver driver = new();

    private protected FakeTimeProvider Clock { get; } = new();

    private protected IStore Store { get; private set; } = null!; // set before each test

    public async Task InitializeAsync() => Store = await driver.OpenAsync(Clock);

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        driver.CleanUp();
    }
}
