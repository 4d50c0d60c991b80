// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Storage.Encryption;
using Sealock.Api.Storage.Sqlite;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Durability;

/// <summary>Encryption at rest as it lies on the disk, and the rotation of its keys, also when it is killed.</summary>
public sealed class KeyRotationTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const string Marker = "very-secret-plaintext-0123456789";
    private const string Secrets = "/api/v1/namespaces/default/secrets";
    private const int Count = 150;

    private readonly TemporaryFolder _folder = new();

    public async Task InitializeAsync()
    {
        await using var process = await SealockProcess.StartAsync("up", "--data", Data, "--secure-port", "0");
        using var server = new ServerConnection(process.Url, ServerConnection.Administrator(Data));
        await Task.WhenAll(Enumerable.Range(0, Count).Select(async i =>
        {
            var data = new JsonObject { ["password"] = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Marker}-{i}")) };
            (await server.SendAsync("POST", Secrets, new JsonObject { ["metadata"] = new JsonObject { ["name"] = $"s{i}" }, ["data"] = data })).Succeeded();
            if (i % 3 == 0)
                (await server.SendAsync("PUT", $"{Secrets}/s{i}", new JsonObject { ["metadata"] = new JsonObject { ["name"] = $"s{i}" }, ["data"] = data.DeepClone(), ["type"] = "Opaque", ["immutable"] = true })).Succeeded();
        }));
        Assert.Contains("in use by another process", (await SealockAsync("encryption", "rotate", "--data", Data)).Failed(), StringComparison.Ordinal);
        Assert.Contains("in use by another process", (await SealockAsync("encryption", "list", "--data", Data)).Failed(), StringComparison.Ordinal);
        RequireNoPlaintext();
        Assert.Equal(0, await process.StopAsync());
        RequireNoPlaintext();
    }

    private string Data => _folder["data"];

    public Task DisposeAsync()
    {
        _folder.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task After_a_rotation_everything_is_under_the_new_key_and_readable()
    {
        var before = await ValuesAsync();
        var old = KeyFile.Load(_folder["data/encryption-keys.json"]).WriteKey.Id;
        Assert.Contains(old, (await SealockAsync("encryption", "list", "--data", Data)).SucceededQuietly(), StringComparison.Ordinal);
        Assert.Contains($"dropped {old}", (await SealockAsync("encryption", "rotate", "--data", Data)).SucceededQuietly(), StringComparison.Ordinal);

        var ring = KeyFile.Load(_folder["data/encryption-keys.json"]);
        Assert.NotEqual(old, Assert.Single(ring.Keys).Id);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_folder["data/encryption-keys.json"]));
        Assert.Equal(before, await ValuesAsync());
        RequireNoPlaintext();
        var list = JsonNode.Parse((await SealockAsync("encryption", "list", "--data", Data, "-o", "json")).SucceededQuietly());
        Assert.Equal((ring.WriteKey.Id, "writes", Count), (list![0]!["id"]!.GetValue<string>(), list[0]!["use"]!.GetValue<string>(), list[0]!["values"]!.GetValue<int>()));
        await ReadThroughServerAsync();
    }

    [Fact]
    public async Task A_rotation_that_is_killed_anywhere_keeps_everything_readable_and_can_be_finished()
    {
        var before = await ValuesAsync();
        var random = new Random(5);
        var interrupted = 0;
        for (var kill = 0; kill < 12; kill++)
        {
            await SealockProcess.KillWhileRunningAsync(TimeSpan.FromMilliseconds(random.Next(60, 450)), "encryption", "rotate", "--data", Data);
            interrupted += KeyFile.Load(_folder["data/encryption-keys.json"]).Keys.Length > 1 ? 1 : 0;
            Assert.Equal(before, await ValuesAsync());
            RequireNoPlaintext();
        }

        output.WriteLine($"12 kills, {interrupted} of them between the new key and the end of the old one");
        (await SealockAsync("encryption", "rotate", "--data", Data)).Succeeded();
        Assert.Single(KeyFile.Load(_folder["data/encryption-keys.json"]).Keys);
        Assert.Equal(before, await ValuesAsync());
        await ReadThroughServerAsync();
    }

    private async Task ReadThroughServerAsync()
    {
        await using var process = await SealockProcess.StartAsync("up", "--data", Data, "--secure-port", "0");
        using var server = new ServerConnection(process.Url, ServerConnection.Administrator(Data));
        var items = (await server.GetAsync(Secrets)).Succeeded()["items"]?.AsArray() ?? [];
        Assert.Equal(Count, items.Count);
        Assert.All(items, item => Assert.StartsWith(
            Marker, Encoding.UTF8.GetString(Convert.FromBase64String(item?["data"]?["password"]?.GetValue<string>() ?? "")), StringComparison.Ordinal));
    }

    /// <summary>Everything that is stored, opened with the key file as it is.</summary>
    private async Task<Dictionary<string, string>> ValuesAsync()
    {
        var store = await SqliteStore.OpenAsync(new SqliteStoreOptions { Folder = _folder["data/store"] });
        await using var opened = new EncryptingStore(store, KeyFile.Load(_folder["data/encryption-keys.json"]), _ => true);
        var page = await opened.ListAsync("", null, 0, 0, CancellationToken.None);
        return page.Entries.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(entry.Value.Span));
    }

    /// <summary>Neither the text nor its base64, at whatever offset, lies in any file.</summary>
    private void RequireNoPlaintext()
    {
        var base64 = Convert.ToBase64String(Encoding.UTF8.GetBytes(Marker))[..40];
        foreach (var file in Directory.EnumerateFiles(Data, "*", SearchOption.AllDirectories).Where(file => !file.EndsWith(".lock", StringComparison.Ordinal)))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            using var copy = new MemoryStream();
            stream.CopyTo(copy);
            foreach (var text in new[] { Marker, base64 })
                Assert.True(copy.ToArray().AsSpan().IndexOf(Encoding.ASCII.GetBytes(text)) < 0, $"{file} holds plaintext");
        }
    }

    private static Task<ToolResult> SealockAsync(params string[] arguments) => Tool.RunAsync(SealockProcess.Program, arguments);
}
