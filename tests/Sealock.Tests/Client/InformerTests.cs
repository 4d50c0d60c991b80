// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Tests.Serving;

namespace Sealock.Tests.Client;

public sealed class InformerTests
{
    private const string Collection = "/api/v1/namespaces/default/secrets";

    [Fact]
    public void An_informer_on_a_bad_line_comes_to_hold_what_the_server_has() =>
        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(15),
            Prop.ForAll(Gen.Choose(0, int.MaxValue).ToArbitrary(), seed => RunAsync(seed).GetAwaiter().GetResult()));

    [Fact]
    public async Task Handlers_are_told_of_what_is_known_already_and_of_every_change_after()
    {
        await using var server = await TestServer.StartAsync();
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"a"}}""");
        using var end = new CancellationTokenSource();
        var informer = Make(server.Client(), TimeProvider.System);
        var running = informer.RunAsync(end.Token);
        await informer.WaitForSyncAsync(CancellationToken.None);
        var seen = new List<string>();
        var gone = new TaskCompletionSource();
        informer.OnChange(change =>
        {
            seen.Add($"{change.Old?.Metadata.Labels.GetValueOrDefault("l") ?? (change.Old is null ? "-" : "")}>{change.New?.Metadata.Labels.GetValueOrDefault("l") ?? (change.New is null ? "-" : "")}");
            if (change.New is null)
                gone.SetResult();
        });

        await server.SendAsync("PATCH", $"{Collection}/a", """{"metadata":{"labels":{"l":"1"}}}""", "application/merge-patch+json");
        await server.SendAsync("DELETE", $"{Collection}/a");
        await gone.Task;
        await end.CancelAsync();
        await running;

        Assert.Equal(["->", ">1", "1>-"], seen);
        Assert.Null(informer.Find("default", "a"));
    }

    private static async Task<bool> RunAsync(int seed)
    {
        await using var server = await TestServer.StartAsync();
        var line = new FaultyTransport(new InProcessTransport(server.Server.HandleAsync, TestServer.Admin), new System.Random(seed));
        var informer = Make(new ApiClient(line), new HastyTimeProvider());
        var fold = new Dictionary<string, string>();
        var last = new TaskCompletionSource();
        informer.OnChange(change =>
        {
            // Old and new must fit what was told before.
            Assert.Equal(change.Old is not null, fold.ContainsKey((change.Old ?? change.New)!.Metadata.Key));
            if (change.New is null)
                fold.Remove(change.Old!.Metadata.Key);
            else
                fold[change.New.Metadata.Key] = change.New.Metadata.ResourceVersion;
            if (change.New?.Metadata.Name == "zz-last")
                last.TrySetResult();
        });
        using var end = new CancellationTokenSource();
        var running = Task.Run(() => informer.RunAsync(end.Token));
        var random = new System.Random(seed + 1);
        for (var i = 0; i < 150; i++)
        {
            var name = $"s{random.Next(10)}";
            if (random.Next(3) == 0)
                await server.SendAsync("DELETE", $"{Collection}/{name}");
            else if ((await server.SendAsync("POST", Collection, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Status == 409)
                await server.SendAsync("PATCH", $"{Collection}/{name}", $$$$"""{"metadata":{"labels":{"i":"{{{{i}}}}"}}}""", "application/merge-patch+json");
            if (i % 10 == 0)
                await Task.Yield();
        }

        line.IsFaulty = false;
        await server.SendAsync("POST", Collection, """{"metadata":{"name":"zz-last"}}""");
        await last.Task;
        await end.CancelAsync();
        await running;
        var list = await server.SendAsync("GET", Collection);
        var expected = list.Json["items"]!.AsArray().ToDictionary(
            item => $"default/{item!["metadata"]!["name"]}", item => item!["metadata"]!["resourceVersion"]!.ToString());
        Assert.Equal(Lines(expected), Lines(fold));
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), informer.Objects.Keys.Order(StringComparer.Ordinal));
        return true;
    }

    private static IEnumerable<string> Lines(Dictionary<string, string> versions) =>
        versions.Select(pair => $"{pair.Key}@{pair.Value}").Order(StringComparer.Ordinal);

    private static Informer<SecretView> Make(ApiClient client, TimeProvider clock) =>
        new(client, SecretView.Resource, new InformerScope { Namespace = "default" }, clock, NullLogger.Instance);
}
