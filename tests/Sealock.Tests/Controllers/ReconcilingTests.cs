// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Reconciling;
using Sealock.Controllers.Views;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

/// <summary>What loops share: events, and what was written before an informer sees it.</summary>
public sealed class ReconcilingTests : IDisposable
{
    private readonly MemoryApiServer _server = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeTimeProvider _time = new();

    private ApiClient Client => new(_server);

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    [Fact]
    public async Task What_is_said_again_is_counted_and_not_said_twice()
    {
        var recorder = new EventRecorder(Client, "test", _time, NullLogger.Instance);
        var about = new ObjectMetaView { Namespace = "ns", Name = "web", Uid = "u" };
        for (var i = 0; i < 3; i++)
            recorder.Say("cert-manager.io/v1", "Certificate", about, EventRecorder.Warning, "Failed", "no CA");
        recorder.Say("cert-manager.io/v1", "Certificate", about, EventRecorder.Normal, "Issuing", new string('x', 2000));
        var running = recorder.RunAsync(_stop.Token);
        await _server.Until(() => Events().Count == 2 && Events().Any(told => told["count"]!.GetValue<int>() == 3));
        var failed = Events().Single(told => told["reason"]!.GetValue<string>() == "Failed");
        Assert.Equal(("web", "u"), (failed["involvedObject"]!["name"]!.GetValue<string>(), failed["involvedObject"]!["uid"]!.GetValue<string>()));
        Assert.Equal(1024, Events().Single(told => told["reason"]!.GetValue<string>() == "Issuing")["message"]!.GetValue<string>().Length);
        await _stop.CancelAsync();
        await running;
    }

    private List<JsonObject> Events() => [.. _server.Paths("/api/v1/namespaces/ns/events").Select(path => _server.Find(path)!)];

    [Fact]
    public async Task What_this_process_wrote_is_known_before_the_informer_sees_it_and_then_the_informer_counts()
    {
        var informer = new Informer<ConfigMapView>(Client, ResourceTypes.ConfigMaps, new InformerScope(), TimeProvider.System, NullLogger.Instance);
        var fresh = new Freshest<ConfigMapView>(informer);
        var index = new NameIndex<ConfigMapView>(map => map.Data.GetValueOrDefault("owner"), informer);
        var written = await Client.CreateAsync(
            ResourceTypes.ConfigMaps, "ns", JsonNode.Parse("""{"metadata": {"name": "a"}, "data": {"owner": "me"}}""")!.AsObject(), default);
        Assert.Null(fresh.Find("ns", "a"));
        fresh.Wrote(written);
        Assert.Equal(written, fresh.Find("ns", "a"));
        fresh.Deleted(written);
        Assert.Null(fresh.Find("ns", "a"));

        var running = informer.RunAsync(_stop.Token);
        await informer.WaitForSyncAsync(default);
        // It is there still: only this process believed it gone.
        Assert.Equal("a", Assert.Single(index.Find("ns", "me")));
        var later = await Client.PatchAsync(
            ResourceTypes.ConfigMaps, "ns", "a", JsonNode.Parse("""{"data": {"owner": "you"}}""")!, cancellationToken: default);
        await Seen(() => informer.Find("ns", "a")?.Metadata.ResourceVersion == later.Metadata.ResourceVersion);
        Assert.Equal("you", fresh.Find("ns", "a")?.Data["owner"]);
        Assert.Empty(index.Find("ns", "me"));
        Assert.Equal("a", Assert.Single(index.Find("ns", "you")));
        fresh.Deleted(later);
        await Client.DeleteAsync(ResourceTypes.ConfigMaps, "ns", "a", null, default);
        await Seen(() => informer.Find("ns", "a") is null);
        Assert.Null(fresh.Find("ns", "a"));
        Assert.Empty(index.Find("ns", "you"));
        await _stop.CancelAsync();
        await running;

        async Task Seen(Func<bool> condition)
        {
            var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            informer.OnChange(_ =>
            {
                if (condition())
                    seen.TrySetResult();
            });
            if (condition())
                seen.TrySetResult();
            await seen.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }
}
