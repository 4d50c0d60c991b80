// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;
using Sealock.StoreWriter;

namespace Sealock.Tests.Storage.PowerLoss;

/// <summary>
/// A store that a child process writes to, on a disk that forgets what was not synced. Each round kills the child,
/// keeps only what a loss of power would have left, and compares the store with the acknowledgements. The next child goes
/// on from there.
/// </summary>
internal sealed class PowerLossRig : IDisposable
{
    private readonly string root = Directory.CreateTempSubdirectory("sealock-test-").FullName;
    private readonly string shim;

    // The state that the examination before found: each entry's revision.
    private Dictionary<string, long> found = [];

    public PowerLossRig()
    {
        Directory.CreateDirectory(Live);
        Directory.CreateDirectory(Disk);
        Directory.CreateDirectory(Examined);
        shim = Path.Combine(root, "powerloss.so");
        var source = Path.Combine(AppContext.BaseDirectory, "Storage", "PowerLoss", "powerloss.c");
        using var compiler = Process.Start("cc", ["-O1", "-shared", "-fPIC", "-o", shim, source, "-ldl", "-lpthread"]);
        compiler.WaitForExit();
        Assert.Equal(0, compiler.ExitCode);
    }

    /// <summary>Whether there is a C compiler to build the disk with.</summary>
    public static bool IsPossible { get; } = OperatingSystem.IsLinux()
        && (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Any(folder => File.Exists(Path.Combine(folder, "cc")));

    /// <summary>All acknowledged writes of all rounds.</summary>
    public int Acknowledged { get; private set; }

    /// <summary>Acknowledged writes that were not found again.</summary>
    public int Lost { get; private set; }

    /// <summary>Syncs of files in all rounds.</summary>
    public int Syncs { get; private set; }

    private string Live => Path.Combine(root, "live");

    private string Disk => Path.Combine(root, "disk");

    // The store is examined as a copy, so that the next writer finds the files as the loss of power left them.
    private string Examined => Path.Combine(root, "examined");

    private string Statistics => Path.Combine(root, "syncs");

    /// <summary>One life of the writer: started, killed after some acknowledgements, power lost, store examined.</summary>
    public async Task RunAsync(int clients, int killAfter, bool withoutSync, int leak)
    {
        var acknowledgements = await WriteUntilKilledAsync(clients, killAfter, withoutSync, leak);
        Acknowledged += acknowledgements.Count;
        Syncs += File.ReadLines(Statistics).Count(line => line.StartsWith("file", StringComparison.Ordinal));
        LosePower();
        Mirror(Live, Examined);
        await ExamineAsync(acknowledgements);
    }

    public void Dispose() => Directory.Delete(root, recursive: true);

    private async Task<List<Acknowledgement>> WriteUntilKilledAsync(int clients, int killAfter, bool withoutSync, int leak)
    {
        File.Delete(Statistics);
        File.Create(Statistics).Dispose();
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true };
        foreach (var argument in (string[])
            ["exec", typeof(LoadValue).Assembly.Location, Live, clients.ToString(CultureInfo.InvariantCulture)])
        {
            start.ArgumentList.Add(argument);
        }
        if (withoutSync)
            start.ArgumentList.Add("without-sync");
        start.Environment["LD_PRELOAD"] = shim;
        start.Environment["POWERLOSS_FOLDER"] = Live;
        start.Environment["POWERLOSS_DISK"] = Disk;
        start.Environment["POWERLOSS_STATS"] = Statistics;
        start.Environment["POWERLOSS_LEAK"] = leak.ToString(CultureInfo.InvariantCulture);
        using var writer = Process.Start(start)!; // it is null only where a process is reused
        var acknowledgements = new List<Acknowledgement>();
        var killed = false;
        while (await writer.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line != "open")
                acknowledgements.Add(Acknowledgement.Parse(line));
            if (killed || acknowledgements.Count < killAfter)
                continue;
            writer.Kill();
            killed = true;
        }
        await writer.WaitForExitAsync();
        Assert.True(killed, $"the writer ended by itself with {writer.ExitCode}");
        return acknowledgements;
    }

    private void LosePower()
    {
        foreach (var unnamed in Directory.GetFiles(Disk, ".unnamed-*"))
            File.Delete(unnamed);
        Mirror(Disk, Live);
    }

    private async Task ExamineAsync(List<Acknowledgement> acknowledgements)
    {
        await using var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { Folder = Examined, CheckIntegrity = true });
        var current = await store.GetRevisionAsync(default);
        var events = await HistoryAsync(store, current);
        var byRevision = events.ToDictionary(change => change.Revision);
        var state = (await store.ListAsync("/", null, 0, 0, default)).Entries.ToDictionary(entry => entry.Key);
        var lastEvents = CheckConsistency(events, state, current);

        foreach (var written in acknowledgements)
        {
            if (written.Revision > current)
                Lost++;
            else if (byRevision.TryGetValue(written.Revision, out var change))
                Lost += written.Matches(change) ? 0 : 1;
            else
                Assert.True(events.Count == 0 || written.Revision < events[0].Revision, "a revision is missing");
        }
        CompareState([.. acknowledgements.Where(written => written.Revision <= current)], lastEvents, state);
        found = state.ToDictionary(entry => entry.Key, entry => entry.Value.Revision);
    }

    private void CompareState(
        List<Acknowledgement> acknowledgements, Dictionary<string, StoreEvent> lastEvents, Dictionary<string, StoreEntry> state)
    {
        var expected = found.ToDictionary(entry => entry.Key, entry => (Write: entry.Value, Entry: (long?)entry.Value));
        foreach (var written in acknowledgements.OrderBy(written => written.Revision))
            expected[written.Key] = (written.Revision, written.StateRevision);
        foreach (var (key, last) in expected)
        {
            // A later write of the key may have been made without having been acknowledged.
            var later = lastEvents.TryGetValue(key, out var change) && change.Revision > last.Write;
            if (!later && state.GetValueOrDefault(key)?.Revision != last.Entry)
                Lost++;
        }
    }

    /// <summary>Checks what holds without knowing what was written; returns each key's last change.</summary>
    private static Dictionary<string, StoreEvent> CheckConsistency(
        List<StoreEvent> events, Dictionary<string, StoreEntry> state, long current)
    {
        if (events.Count > 0)
            Assert.Equal(current - events[0].Revision + 1, events.Count);
        var last = new Dictionary<string, StoreEvent>();
        foreach (var change in events)
        {
            if (change.Entry is { } entry)
                Assert.True(LoadValue.NumberOf(change.Key, entry.Value.Span) > 0, "a value is not whole");
            if (last.TryGetValue(change.Key, out var before))
                Assert.Equal(before.Entry?.Revision, change.Previous?.Revision);
            last[change.Key] = change;
        }
        foreach (var (key, change) in last)
            Assert.Equal(change.Entry?.Revision, state.GetValueOrDefault(key)?.Revision);
        foreach (var entry in state.Values)
            Assert.True(LoadValue.NumberOf(entry.Key, entry.Value.Span) > 0, "a value is not whole");
        return last;
    }

    private static async Task<List<StoreEvent>> HistoryAsync(SqliteStore store, long current)
    {
        var from = 0L;
        while (true)
        {
            try
            {
                await using var watch = store.Follow("/", from);
                await watch.UntilRevisionAsync(current);
                return watch.Events;
            }
            catch (CompactedException compacted)
            {
                from = compacted.Oldest;
            }
        }
    }

    private static void Mirror(string from, string to)
    {
        foreach (var file in Directory.GetFiles(to))
            File.Delete(file);
        foreach (var file in Directory.GetFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    /// <summary>A write that the store has acknowledged; a deletion has no number.</summary>
    private readonly record struct Acknowledgement(string Key, long Revision, long? Number)
    {
        /// <summary>The revision of the entry that the write left, if it left one.</summary>
        public long? StateRevision => Number is null ? null : Revision;

        public static Acknowledgement Parse(string line)
        {
            var words = line.Split(' ');
            var revision = long.Parse(words[2], CultureInfo.InvariantCulture);
            return new(words[1], revision, words[0] == "put" ? long.Parse(words[3], CultureInfo.InvariantCulture) : null);
        }

        public bool Matches(StoreEvent change) => change.Key == Key
            && (change.Entry is { } entry ? LoadValue.NumberOf(Key, entry.Value.Span) == Number : Number is null);
    }
}
