// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Encryption;
using Sealock.Tests.Support;

namespace Sealock.Tests.Storage.Encryption;

public sealed class EncryptingStoreTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly MemoryStore inner = new(new FakeTimeProvider());
    private readonly EncryptionKey first = EncryptionKey.Generate(Now);
    private readonly EncryptionKey second = EncryptionKey.Generate(Now);
    private readonly EncryptingStore store;

    public EncryptingStoreTests() => store = new EncryptingStore(inner, new KeyRing([first]), IsSecret);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task Values_of_encrypted_keys_are_sealed_below_and_plain_above()
    {
        await store.WriteAsync("/secrets/a", "hidden", 0);
        await store.WriteAsync("/maps/a", "open", 0);
        Assert.DoesNotContain("hidden", await StoredAsync("/secrets/a"), StringComparison.Ordinal);
        Assert.Contains(first.Id, await StoredAsync("/secrets/a"), StringComparison.Ordinal);
        Assert.Equal("open", await StoredAsync("/maps/a"));
        Assert.Equal("hidden", (await store.GetAsync("/secrets/a", 0, default)).Text());
        Assert.Equal(["open", "hidden"], (await store.ListAsync("/", null, 0, 0, default)).Entries.Select(entry => entry.Text()));
        Assert.Equal("hidden", (await store.PutAsync("/secrets/a", "x".Bytes(), 0, null, default)).Current.Text());
        Assert.Equal("hidden", (await store.DeleteAsync("/secrets/a", 1, default)).Current.Text());
    }

    [Fact]
    public async Task Watches_carry_opened_values_before_and_after()
    {
        var start = await store.GetRevisionAsync(default);
        var revision = await store.WriteAsync("/secrets/a", "one", 0);
        revision = await store.WriteAsync("/secrets/a", "two", revision);
        await store.RemoveAsync("/secrets/a", revision);
        await using var watch = store.Follow("/", start);
        await watch.UntilCountAsync(3);
        Assert.Equal(
            [("one", null), ("two", "one"), (null, "two")],
            watch.Events.Select(change => (change.Entry.Text(), change.Previous.Text())));
    }

    [Fact]
    public async Task The_same_value_is_never_sealed_the_same_way_twice()
    {
        var revision = await store.WriteAsync("/secrets/a", "value", 0);
        var before = await StoredAsync("/secrets/a");
        await store.WriteAsync("/secrets/a", "value", revision);
        Assert.NotEqual(before, await StoredAsync("/secrets/a"));
    }

    [Fact]
    public async Task A_value_that_is_changed_in_any_byte_is_refused_without_showing_it()
    {
        await store.WriteAsync("/secrets/a", "hidden", 0);
        var entry = await inner.GetAsync("/secrets/a", 0, default);
        var revision = entry!.Revision;
        var original = entry.Value.ToArray();
        for (var i = "sealock:aes256gcm:v1:".Length; i < original.Length; i++)
        {
            var changed = original.ToArray();
            changed[i] ^= 1;
            revision = (await inner.PutAsync("/secrets/a", changed, revision, null, default)).Revision;
            var fault = await Assert.ThrowsAsync<UndecryptableValueException>(async () => await store.GetAsync("/secrets/a", 0, default));
            Assert.Equal("/secrets/a", fault.StoreKey);
            Assert.Contains("/secrets/a", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("hidden", fault.ToString(), StringComparison.Ordinal);
        }
        Assert.True((await store.DeleteAsync("/secrets/a", revision, default)).Succeeded);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(27)]
    public async Task A_value_that_is_cut_short_is_refused(int left)
    {
        var header = $"sealock:aes256gcm:v1:{first.Id}:";
        await inner.PutAsync("/secrets/a", Encoding.ASCII.GetBytes(header + new string('x', left)), 0, null, default);
        await Assert.ThrowsAsync<UndecryptableValueException>(async () => await store.GetAsync("/secrets/a", 0, default));
    }

    [Fact]
    public async Task A_value_that_is_moved_to_another_key_is_refused()
    {
        await store.WriteAsync("/secrets/a", "hidden", 0);
        await inner.PutAsync("/secrets/b", (await inner.GetAsync("/secrets/a", 0, default))!.Value, 0, null, default);
        await Assert.ThrowsAsync<UndecryptableValueException>(async () => await store.GetAsync("/secrets/b", 0, default));
        await Assert.ThrowsAsync<UndecryptableValueException>(async () => await store.ListAsync("/", null, 0, 0, default));
    }

    [Fact]
    public async Task An_unknown_key_is_named()
    {
        await store.WriteAsync("/secrets/a", "hidden", 0);
        store.Keys = new KeyRing([second]);
        var fault = await Assert.ThrowsAsync<UndecryptableValueException>(async () => await store.GetAsync("/secrets/a", 0, default));
        Assert.Contains(first.Id, fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plain_values_from_before_are_read_and_a_pass_seals_them()
    {
        var before = await inner.WriteAsync("/secrets/a", "from before", 0);
        await inner.WriteAsync("/maps/a", "open", 0);
        Assert.Equal("from before", (await store.GetAsync("/secrets/a", 0, default)).Text());

        Assert.Equal(1, await store.ReencryptAsync(default));
        Assert.DoesNotContain("before", await StoredAsync("/secrets/a"), StringComparison.Ordinal);
        var after = await store.GetAsync("/secrets/a", 0, default);
        Assert.Equal("from before", after.Text());
        Assert.Equal(before, after!.CreateRevision);
        Assert.Equal(0, await store.ReencryptAsync(default));
    }

    [Fact]
    public async Task Sealed_values_are_read_after_encryption_was_switched_off_and_a_pass_opens_them()
    {
        await store.WriteAsync("/secrets/a", "hidden", 0);
        await using var off = new EncryptingStore(inner, store.Keys, _ => false);
        Assert.Equal("hidden", (await off.GetAsync("/secrets/a", 0, default)).Text());
        Assert.Equal(1, await off.ReencryptAsync(default));
        Assert.Equal("hidden", await StoredAsync("/secrets/a"));
    }

    [Theory]
    [InlineData("/maps/a")]
    [InlineData("/secrets/a")]
    public async Task A_plain_value_that_looks_like_an_envelope_comes_back_as_it_was(string key)
    {
        await store.WriteAsync(key, "sealock:aes256gcm:v1:x:looks sealed", 0);
        Assert.Equal("sealock:aes256gcm:v1:x:looks sealed", (await store.GetAsync(key, 0, default)).Text());
        Assert.Equal(0, await store.ReencryptAsync(default));
    }

    [Fact]
    public async Task Rotation_keeps_everything_readable_until_the_old_key_is_unused_and_dropped()
    {
        var revision = await store.WriteAsync("/secrets/old", "old", 0);
        store.Keys = store.Keys.Add(second);
        await store.WriteAsync("/secrets/still-first", "1", 0);
        store.Keys = store.Keys.Promote(second.Id);
        await store.WriteAsync("/secrets/new", "new", 0);
        Assert.Equal(["new", "old", "1"], (await store.ListAsync("/secrets/", null, 0, 0, default)).Entries.Select(entry => entry.Text()));

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.DropKeyAsync(first.Id, default));
        await Assert.ThrowsAsync<ArgumentException>(() => store.DropKeyAsync(second.Id, default));
        Assert.Equal(2, await store.ReencryptAsync(default));
        Assert.Equal("old", (await store.GetAsync("/secrets/old", revision, default)).Text());
        var ring = await store.DropKeyAsync(first.Id, default);

        Assert.Equal([second.Id], ring.Keys.Select(key => key.Id));
        Assert.Equal(["new", "old", "1"], (await store.ListAsync("/secrets/", null, 0, 0, default)).Entries.Select(entry => entry.Text()));
        Assert.Equal(3, (await store.CountByKeyAsync(default))[second.Id]);
        await Assert.ThrowsAsync<CompactedException>(async () => await store.GetAsync("/secrets/old", revision, default));
    }

    [Fact]
    public async Task A_time_to_live_is_refused_for_an_encrypted_key() =>
        await Assert.ThrowsAsync<NotSupportedException>(
            async () => await store.PutAsync("/secrets/a", "x".Bytes(), 0, TimeSpan.FromHours(1), default));

    private static bool IsSecret(string key) => key.StartsWith("/secrets/", StringComparison.Ordinal);

    private async Task<string> StoredAsync(string key) =>
        Encoding.Latin1.GetString((await inner.GetAsync(key, 0, default))!.Value.Span);
}
