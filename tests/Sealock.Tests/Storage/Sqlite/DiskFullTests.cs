// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Sealock.Api.Storage;
using Sealock.Api.Storage.Sqlite;

namespace Sealock.Tests.Storage.Sqlite;

public sealed class DiskFullTests : SqliteTests
{
    [SmallDiskFact]
    public async Task On_a_full_disk_writes_fail_whole_and_succeed_again_when_there_is_room()
    {
        using var disk = SmallDisk.Mount(In("disk"), megabytes: 4)!; // the attribute has seen that it can be mounted
        var filler = Path.Combine(disk.Path, "filler");
        await File.WriteAllBytesAsync(filler, new byte[2 << 20]);
        await using var store = await SqliteStore.OpenAsync(Options with { Folder = Path.Combine(disk.Path, "data") });

        var written = new List<string>();
        StoreUnavailableException? fault = null;
        while (fault is null)
        {
            var group = Enumerable.Range(written.Count, 8).Select(i => $"/k/{i:0000}").ToList();
            var writes = group.Select(key => store.PutAsync(key, new byte[10_000], 0, null, default).AsTask()).ToList();
            foreach (var (key, write) in group.Zip(writes))
            {
                try
                {
                    Assert.True((await write).Succeeded);
                    written.Add(key);
                }
                catch (StoreUnavailableException unavailable)
                {
                    fault = unavailable;
                }
            }
        }
        Assert.Contains("no space is left", fault.Message, StringComparison.Ordinal);
        Assert.Equal(written, await KeysAsync(store));
        var revision = await store.GetRevisionAsync(default);
        Assert.Equal(written.Count + 1, revision);
        await Assert.ThrowsAsync<StoreUnavailableException>(
            async () => await store.PutAsync("/big", new byte[3 << 20], 0, null, default));
        Assert.Null(await store.GetAsync("/big", 0, default));

        File.Delete(filler);
        Assert.Equal(revision + 1, await store.WriteAsync("/k/9999", "v", 0));
        await using var watch = store.Follow("/", 0);
        await watch.UntilRevisionAsync(revision + 1);
        Assert.Equal([.. written, "/k/9999"], watch.Events.Select(change => change.Key));
    }

    private static async Task<List<string>> KeysAsync(SqliteStore store) =>
        [.. (await store.ListAsync("", null, 0, 0, default)).Entries.Select(entry => entry.Key)];
}

/// <summary>A file system of a few megabytes; only root can have one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null where it cannot be mounted.</summary>
    public static SmallDisk? Mount(string path, int megabytes)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return null;
        Directory.CreateDirectory(path);
        return Run("mount", ["-t", "tmpfs", "-o", $"size={megabytes}m,mode=700", "tmpfs", path]) ? new SmallDisk(path) : null;
    }

    public void Dispose() => Run("umount", [Path]);

    private static bool Run(string command, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
            process.StandardError.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}

public sealed class SmallDiskFactAttribute : FactAttribute
{
    private static readonly Lazy<bool> Possible = new(() =>
    {
        var path = Directory.CreateTempSubdirectory("sealock-test-").FullName;
        using (var disk = SmallDisk.Mount(path, megabytes: 1))
        {
            if (disk is null)
                return false;
        }
        Directory.Delete(path);
        return true;
    });

    public SmallDiskFactAttribute() => Skip = Possible.Value ? null : "needs the right to mount a tmpfs";
}
