// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Sealock.Tests.Serving;

public sealed class WatchPropertyTests
{
    private const string Collection = "/api/v1/namespaces/default/secrets";
    private const string Sentinel = "zz-last";

    private static readonly string[] Selections = ["", "labelSelector=app%3Dweb", "fieldSelector=type%3Dx", "labelSelector=app!%3Dweb,extra"];

    [Fact]
    public void Every_watcher_ends_with_what_a_list_shows_whoever_writes_meanwhile() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(12),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => RunAsync(seed).GetAwaiter().GetResult()));

    [Fact]
    public async Task A_watcher_that_does_not_read_is_told_so_and_dropped_and_holds_up_nobody()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"a"}}""");
        var response = await server.RequestAsync("GET", $"{Collection}?watch=1", "", "", "", "", CancellationToken.None);
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4096, resumeWriterThreshold: 2048));
        var writing = response.WriteAsync(pipe.Writer, CancellationToken.None).AsTask();
        await using var quick = await server.WatchAsync($"{Collection}?watch=1&resourceVersion={server.Server.Revision}");

        for (var i = 0; i < 1200; i++)
        {
            await server.SendAsync(
                "PATCH", $"{Collection}/a", $$$$"""{"metadata":{"labels":{"i":"{{{{i}}}}"}}}""", "application/merge-patch+json");
            Assert.Equal("MODIFIED a", await quick.NextShortAsync());
        }

        using var lines = new StreamReader(pipe.Reader.AsStream());
        var types = new List<string>();
        JsonObject? last = null;
        while (types is not [.., "ERROR"])
        {
            last = JsonNode.Parse((await lines.ReadLineAsync())!)!.AsObject();
            types.Add(last["type"]!.ToString());
        }

        await writing;
        Assert.Equal(410, last!["object"]!["code"]!.GetValue<int>());
        Assert.InRange(types.Count, 1000, 1199);
    }

    private static async Task<bool> RunAsync(int seed)
    {
        await using var server = await TestServer.StartAsync();
        var watches = new List<(string Selection, WatchReader Watch)>();
        foreach (var selection in Selections)
            watches.Add((selection, await server.WatchAsync($"{Collection}?watch=1&{selection}")));
        var folding = watches.Select(watch => FoldAsync(watch.Watch)).ToList();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(() => WriteAsync(server, new System.Random(seed + writer)))));
        await server.SendAsync(
            "POST", Collection, $$$$"""{"metadata":{"name":"{{{{Sentinel}}}}","labels":{"app":"web"}},"type":"x"}""");
        await server.SendAsync("POST", Collection, $$$$"""{"metadata":{"name":"{{{{Sentinel}}}}-2","labels":{"extra":"1"}}}""");
        foreach (var ((selection, watch), fold) in watches.Zip(folding))
        {
            var state = await fold;
            var list = await server.SendAsync("GET", $"{Collection}?{selection}");
            var expected = list.Json["items"]!.AsArray()
                .Where(item => !NameOf(item!).StartsWith(Sentinel, StringComparison.Ordinal))
                .ToDictionary(item => NameOf(item!), item => item!["metadata"]!["resourceVersion"]!.ToString());
            Assert.Equal(Lines(expected), Lines(state));
            await watch.DisposeAsync();
        }

        return true;
    }

    /// <summary>Applies events until the sentinel; what they say must fit what was said before.</summary>
    private static async Task<Dictionary<string, string>> FoldAsync(WatchReader watch)
    {
        var state = new Dictionary<string, string>();
        var reached = 0L;
        while (true)
        {
            var @event = (await watch.NextAsync())!;
            var name = NameOf(@event["object"]!);
            var version = @event["object"]!["metadata"]!["resourceVersion"]!.ToString();
            if (name.StartsWith(Sentinel, StringComparison.Ordinal))
                return state;
            var number = long.Parse(version, CultureInfo.InvariantCulture);
            Assert.True(number > reached, "events come in the order of their versions");
            reached = number;
            switch (@event["type"]!.ToString())
            {
                case "ADDED":
                    Assert.True(state.TryAdd(name, version), $"{name} is added twice");
                    break;
                case "MODIFIED":
                    Assert.True(state.ContainsKey(name), $"{name} is modified before it is added");
                    state[name] = version;
                    break;
                default:
                    Assert.True(state.Remove(name), $"{name} is deleted before it is added");
                    break;
            }
        }
    }

    private static async Task WriteAsync(TestServer server, System.Random random)
    {
        for (var i = 0; i < 60; i++)
        {
            var name = $"s{random.Next(8)}";
            var app = random.Next(3) switch { 0 => "\"web\"", 1 => "\"db\"", _ => "null" };
            var extra = random.Next(2) == 0 ? "\"1\"" : "null";
            switch (random.Next(5))
            {
                case 0:
                    await server.SendAsync("DELETE", $"{Collection}/{name}");
                    break;
                case 1:
                    var type = random.Next(2) == 0 ? "x" : "y";
                    await server.SendAsync("POST", Collection, $$$$"""{"metadata":{"name":"{{{{name}}}}"},"type":"{{{{type}}}}"}""");
                    break;
                default:
                    await server.SendAsync(
                        "PATCH",
                        $"{Collection}/{name}",
                        $$$$$"""{"metadata":{"labels":{"app":{{{{{app}}}}},"extra":{{{{{extra}}}}}}}}""",
                        "application/merge-patch+json");
                    break;
            }
        }
    }

    private static IEnumerable<string> Lines(Dictionary<string, string> versions) =>
        versions.Select(pair => $"{pair.Key}@{pair.Value}").Order(StringComparer.Ordinal);

    private static string NameOf(JsonNode @object) => @object["metadata"]!["name"]!.ToString();
}
