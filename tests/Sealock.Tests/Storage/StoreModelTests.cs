// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;
using Sealock.Tests.Support;

namespace Sealock.Tests.Storage;

/// <summary>Random sequences of operations have the same outcomes on the SQLite store and on the model.</summary>
public sealed class StoreModelTests
{
    private const int BytesPerStep = 4;

    private static readonly string[] Keys = ["/a", "/a/b", "/b", "/c"];

    [Fact]
    public void Every_sequence_of_operations_ends_as_in_the_model() => Prop
        .ForAll(ArbMap.Default.ArbFor<byte[]>(), sequence => CompareAsync(sequence).GetAwaiter().GetResult())
        .Check(Config.QuickThrowOnFailure.WithMaxTest(100).WithEndSize(400));

    private static async Task<bool> CompareAsync(byte[] sequence)
    {
        var folder = Directory.CreateTempSubdirectory("sealock-test-").FullName;
        var clock = new FakeTimeProvider();
        await using var model = new MemoryStore(clock);
        var options = new SqliteStoreOptions { Folder = folder, Clock = clock, WithoutSync = true };
        var store = await SqliteStore.OpenAsync(options);
        try
        {
            foreach (var step in sequence.Chunk(BytesPerStep).Where(step => step.Length == BytesPerStep))
            {
                if (step[0] % 32 == 31)
                {
                    await store.DisposeAsync();
                    store = await SqliteStore.OpenAsync(options);
                }
                // The model's revision decides the arguments, so both get the same.
                var current = await model.GetRevisionAsync(default);
                Assert.Equal(current, await store.GetRevisionAsync(default));
                Assert.Equal(await OutcomeAsync(model, step, current), await OutcomeAsync(store, step, current));
            }
            return true;
        }
        finally
        {
            await store.DisposeAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> OutcomeAsync(IStore store, byte[] step, long current)
    {
        var key = Keys[step[1] % Keys.Length];
        var at = step[2] % 8 == 0 ? 0 : Math.Max(1, current + 1 - (step[2] % 12));
        try
        {
            switch (step[0] % 8)
            {
                case 0 or 1 or 2:
                    var value = new byte[step[3]];
                    return Show(await store.PutAsync(key, value, await ExpectedAsync(store, key, step[2]), null, default));
                case 3:
                    return Show(await store.DeleteAsync(key, await ExpectedAsync(store, key, step[2]), default));
                case 4:
                    return Show(await store.GetAsync(key, at, default));
                case 5:
                    return Show(await store.ListAsync(step[3] % 2 == 0 ? "/a" : "", step[3] % 3 == 0 ? key : null, step[3] % 4, at, default));
                case 6 when step[3] % 3 == 0:
                    await store.CompactAsync(at, default);
                    return "compacted";
                default:
                    return await WatchAsync(store, step[3] % 2 == 0 ? "/a" : "/", at, current);
            }
        }
        catch (CompactedException fault)
        {
            return $"compacted to {fault.Oldest}";
        }
        catch (FutureRevisionException fault)
        {
            return $"future of {fault.Current}";
        }
    }

    // Most writes get the right condition, or little would ever be written.
    private static async Task<long> ExpectedAsync(IStore store, string key, byte choice) => (choice % 8) switch
    {
        0 => 0,
        1 => choice,
        _ => (await store.GetAsync(key, 0, default))?.Revision ?? 0,
    };

    private static async Task<string> WatchAsync(IStore store, string prefix, long after, long until)
    {
        await using var watch = store.Follow(prefix, after);
        await watch.NextAsync();
        await watch.UntilRevisionAsync(until);
        return string.Join("; ", watch.Events.Select(change => $"{change.Key} {change.Revision} {Show(change.Entry)} {Show(change.Previous)}"));
    }

    private static string Show(WriteResult result) => $"{result.Succeeded} {result.Revision} {Show(result.Current)}";

    private static string Show(StoreEntry? entry) =>
        entry is null ? "nothing" : $"{entry.Key}={entry.Value.Length} {entry.CreateRevision} {entry.Revision}";

    private static string Show(StorePage page) =>
        $"{page.Revision} {page.More} {string.Join("; ", page.Entries.Select(Show))}";
}
