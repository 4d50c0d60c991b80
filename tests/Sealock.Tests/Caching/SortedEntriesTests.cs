// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Sealock.Api.Caching;

namespace Sealock.Tests.Caching;

public sealed class SortedEntriesTests
{
    [Fact]
    public void Every_snapshot_is_what_a_sorted_dictionary_was_at_that_time()
    {
        var changes = Gen.Choose(0, 700).Zip(Gen.Elements(true, true, true, false)).ArrayOf(1500).ToArbitrary();
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(15), Prop.ForAll(changes, run =>
        {
            var model = new SortedDictionary<string, CacheEntry>(StringComparer.Ordinal);
            var entries = SortedEntries.Empty;
            var snapshots = new List<(SortedEntries Entries, CacheEntry[] Model)>();
            var revision = 0L;
            foreach (var (number, isSet) in run)
            {
                var entry = Entry($"/registry/secrets/default/{number:x}", ++revision);
                if (isSet)
                {
                    model[entry.Key] = entry;
                    entries = entries.Set(entry);
                }
                else
                {
                    model.Remove(entry.Key);
                    entries = entries.Remove(entry.Key);
                }

                if (revision % 97 == 0)
                    snapshots.Add((entries, [.. model.Values]));
            }

            return snapshots.All(snapshot => Same(snapshot.Entries, snapshot.Model));
        }));
    }

    [Fact]
    public void Ascending_keys_and_a_sorted_start_give_the_same_entries()
    {
        var sorted = Enumerable.Range(0, 1000).Select(number => Entry($"/registry/secrets/default/{number:d5}", number + 1)).ToList();
        var one = SortedEntries.FromSorted(sorted);
        var other = sorted.Aggregate(SortedEntries.Empty, (entries, entry) => entries.Set(entry));

        Assert.True(Same(one, [.. sorted]));
        Assert.True(Same(other, [.. sorted]));
        Assert.Same(sorted[500], one.Find(sorted[500].Key));
        Assert.Null(one.Find("/registry/secrets/default/00500x"));
        Assert.Equal(499, one.CountBetween(sorted[500].Key + "\0", null));
    }

    internal static CacheEntry Entry(string key, long revision) => CacheEntry.From(
        key, System.Text.Encoding.UTF8.GetBytes($$$"""{"metadata":{"name":"{{{key[(key.LastIndexOf('/') + 1)..]}}}"}}"""), revision);

    private static bool Same(SortedEntries entries, CacheEntry[] model)
    {
        var cursor = entries.From("");
        foreach (var expected in model)
        {
            if (!cursor.MoveNext() || cursor.Current != expected || entries.Find(expected.Key) != expected)
                return false;
        }

        if (cursor.MoveNext() || entries.Count != model.Length)
            return false;
        var middle = model.Length / 2;
        if (model.Length == 0)
            return true;
        var from = entries.From(model[middle].Key);
        return from.MoveNext() && from.Current == model[middle]
            && entries.CountBetween(model[middle].Key, null) == model.Length - middle;
    }
}
