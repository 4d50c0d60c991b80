// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Durability;

/// <summary>A backup taken under load, and what is made of it.</summary>
public sealed partial class BackupTests : IAsyncLifetime
{
    private const string Namespace = "/api/v1/namespaces/load";

    private readonly TemporaryFolder _folder = new();
    private readonly Tally _tally = new();
    private SealockProcess? _process;

    private SealockProcess Process => _process ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync() => _process = await SealockProcess.StartAsync("up", "--data", _folder["data"], "--secure-port", "0");

    public async Task DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_restored_is_the_state_at_the_backups_revision(bool withPassphrase)
    {
        await File.WriteAllTextAsync(_folder["passphrase"], "correct horse\n");
        string[] passphrase = withPassphrase ? ["--passphrase-file", _folder["passphrase"]] : [];
        using var server = new ServerConnection(Process.Url, ServerConnection.Administrator(_folder["data"]));
        var (stop, writing) = await StartLoadAsync(server);
        var before = _tally.Acknowledged;
        var output = (await SealockAsync(["backup", _folder["backup"], "--data", _folder["data"], .. passphrase])).Succeeded();
        var revision = long.Parse(RevisionInOutput().Match(output).Groups[1].Value, CultureInfo.InvariantCulture);
        var expected = await StateAsync(server, revision);
        await stop.CancelAsync();
        await writing;
        Assert.True(_tally.Acknowledged > before, "nothing was written meanwhile");
        Assert.True(_tally.Revision > revision);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["backup"]));

        (await SealockAsync(["restore", _folder["backup"], "--data", _folder["restored"], .. passphrase])).SucceededQuietly();
        await using var again = await SealockProcess.StartAsync("up", "--data", _folder["restored"], "--secure-port", "0");
        using var restored = new ServerConnection(again.Url, ServerConnection.Administrator(_folder["restored"]));
        var present = await restored.GetAsync("/api/v1/namespaces");
        Assert.True(present.Revision > _tally.Revision, "the restored server's revisions are ones that clients have seen");
        var actual = await StateAsync(restored, revision + 10_000_000);
        Assert.Equal(expected.Keys.Order(), actual.Keys.Order());
        Assert.Contains(expected.Keys, key => key.StartsWith("/api/v1/secrets ", StringComparison.Ordinal));
        foreach (var (name, item) in expected)
            Assert.True(JsonNode.DeepEquals(item, actual[name]), $"{name} was {item.ToJsonString()}, is {actual[name].ToJsonString()}");
    }

    [Fact]
    public async Task What_is_no_sound_backup_leaves_nothing_behind()
    {
        await File.WriteAllTextAsync(_folder["right"], "correct horse\n");
        await File.WriteAllTextAsync(_folder["wrong"], "battery staple\n");
        (await SealockAsync("backup", _folder["plain"], "--data", _folder["data"])).Succeeded();
        (await SealockAsync("backup", _folder["sealed"], "--data", _folder["data"], "--passphrase-file", _folder["right"])).Succeeded();
        (await SealockAsync("backup", _folder["plain"], "--data", _folder["data"])).Failed();
        await RefusedAsync("sealed", null, "is under a passphrase");
        await RefusedAsync("sealed", "wrong", "the passphrase is wrong");
        await RefusedAsync("missing", null, "missing");
        await RefusedAsync("right", null, "is no backup, or is damaged");
        foreach (var (name, passphrase) in new[] { ("plain", (string?)null), ("sealed", "right") })
        {
            var bytes = await File.ReadAllBytesAsync(_folder[name]);
            foreach (var length in new[] { 0, 1, 30, bytes.Length / 2, bytes.Length - 9, bytes.Length - 1 })
                await DamagedAsync(bytes[..length], passphrase);
            foreach (var at in new[] { 3, 25, 100, bytes.Length / 3, bytes.Length / 2, bytes.Length - 2000, bytes.Length - 7 })
            {
                // One bit may mean the same in compressed data; several bytes never do.
                var garbled = bytes.ToArray();
                foreach (ref var garbledByte in garbled.AsSpan(at, Math.Min(8, bytes.Length - at)))
                    garbledByte ^= 0x5A;
                await DamagedAsync(garbled, passphrase);
            }
        }

        Directory.CreateDirectory(_folder["target"]);
        await File.WriteAllTextAsync(_folder["target/file"], "mine");
        var refused = await SealockAsync("restore", _folder["plain"], "--data", _folder["target"]);
        Assert.Contains("is not empty", refused.Failed(), StringComparison.Ordinal);
        Assert.Equal("mine", await File.ReadAllTextAsync(_folder["target/file"]));
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(_folder.Path), path => Path.GetFileName(path).StartsWith('.'));
    }

    private async Task DamagedAsync(byte[] content, string? passphrase)
    {
        await File.WriteAllBytesAsync(_folder["damaged"], content);
        await RefusedAsync("damaged", passphrase, "");
    }

    private async Task RefusedAsync(string file, string? passphrase, string message)
    {
        string[] given = passphrase is null ? [] : ["--passphrase-file", _folder[passphrase]];
        var result = await SealockAsync(["restore", _folder[file], "--data", _folder["target"], .. given]);
        Assert.Contains(message, result.Failed(), StringComparison.Ordinal);
        Assert.StartsWith("sealock: ", result.Errors, StringComparison.Ordinal);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
        Assert.False(Path.Exists(_folder["target"]), $"{result.Command} left a folder behind");
    }

    private async Task<(CancellationTokenSource Stop, Task Writing)> StartLoadAsync(ServerConnection server)
    {
        (await server.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "load" } })).Succeeded();
        var stop = new CancellationTokenSource();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var writers = Enumerable.Range(0, 6).Select(i => new ObjectWriter(i % 2 == 0 ? "secrets" : "configmaps", i, _tally)).ToList();
        var requester = new RequestWriter(9, _tally);
        var work = writers.Select(writer => writer.RunAsync(server, Namespace, OnWritten)).Append(requester.RunAsync(server, OnWritten)).ToList();
        await Task.WhenAny([started.Task, .. work]);
        return (stop, Task.WhenAll(work));

        bool OnWritten()
        {
            if (_tally.Acknowledged > 300)
                started.TrySetResult();
            return !stop.IsCancellationRequested;
        }
    }

    /// <summary>Every object of every resource that can be listed, as of one revision.</summary>
    private static async Task<Dictionary<string, JsonNode>> StateAsync(ServerConnection server, long revision)
    {
        var state = new Dictionary<string, JsonNode>();
        var groups = (await server.GetAsync("/apis")).Succeeded()["groups"]?.AsArray() ?? [];
        foreach (var folder in groups.Select(group => $"/apis/{group?["preferredVersion"]?["groupVersion"]}").Prepend("/api/v1"))
        {
            foreach (var resource in (await server.GetAsync(folder)).Succeeded()["resources"]?.AsArray() ?? [])
            {
                if (resource?["verbs"] is not JsonArray verbs || !verbs.Any(verb => verb?.GetValue<string>() == "list"))
                    continue;
                var path = $"{folder}/{resource["name"]}";
                var list = (await server.GetAsync($"{path}?resourceVersion={revision}&resourceVersionMatch=Exact")).Succeeded();
                foreach (var item in list["items"]?.AsArray() ?? [])
                    state.Add($"{path} {item?["metadata"]?["namespace"]}/{item.Name()}", item!.DeepClone()); // a list has no nulls
            }
        }

        return state;
    }

    private static Task<ToolResult> SealockAsync(params string[] arguments) => Tool.RunAsync(SealockProcess.Program, arguments);

    [GeneratedRegex(@"up to revision (\d+)")]
    private static partial Regex RevisionInOutput();
}
