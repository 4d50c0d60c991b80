// SPDX-License-Identifier: Apache-2.0
// Sealock.StoreWriter FOLDER CLIENTS [without-sync]
// Writes to the store in FOLDER with many clients until it is killed, and prints a line for every write that was
// acknowledged: "put KEY REVISION NUMBER" or "delete KEY REVISION". The tests of durability kill it and compare.
using System.Globalization;
using System.Text;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;
using Sealock.StoreWriter;

const int KeysPerClient = 20;
const int CompactionEvery = 500;
const int CompactionDistance = 2_000;

var clients = int.Parse(args[1], CultureInfo.InvariantCulture);
var options = new SqliteStoreOptions { Folder = args[0], WithoutSync = args is [.., "without-sync"] };
await using var store = await SqliteStore.OpenAsync(options);
using var output = Console.OpenStandardOutput();
Report("open");
await Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => WriteAsync(client))));

async Task WriteAsync(int client)
{
    var random = new Random();
    var prefix = string.Create(CultureInfo.InvariantCulture, $"/load/{client}/");
    var known = (await store.ListAsync(prefix, null, 0, 0, default)).Entries.ToDictionary(entry => entry.Key);
    for (var number = random.NextInt64(1, 1L << 40); ; number++)
    {
        var key = string.Create(CultureInfo.InvariantCulture, $"{prefix}{random.Next(KeysPerClient)}");
        var expected = known.TryGetValue(key, out var entry) ? entry.Revision : 0;
        if (entry is not null && random.Next(4) == 0)
        {
            var deleted = Succeeded(await store.DeleteAsync(key, expected, default));
            Report(string.Create(CultureInfo.InvariantCulture, $"delete {key} {deleted}"));
            known.Remove(key);
            continue;
        }
        var revision = Succeeded(await store.PutAsync(key, LoadValue.Of(key, number), expected, null, default));
        Report(string.Create(CultureInfo.InvariantCulture, $"put {key} {revision} {number}"));
        known[key] = new StoreEntry(key, default, 0, revision);
        if (client == 0 && number % CompactionEvery == 0 && revision > CompactionDistance)
            await store.CompactAsync(revision - CompactionDistance, default);
    }
}

long Succeeded(WriteResult result) =>
    result.Succeeded ? result.Revision : throw new InvalidOperationException("a client's own key was changed by another");

// One write call per line: what has been printed survives the end of the process, and lines are whole.
void Report(string line)
{
    lock (output)
        output.Write(Encoding.ASCII.GetBytes(line + '\n'));
}
