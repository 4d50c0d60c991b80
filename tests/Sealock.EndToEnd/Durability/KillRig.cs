// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;

namespace Sealock.EndToEnd.Durability;

/// <summary>A server that is killed again and again under clients which keep account of everything it told them.</summary>
internal sealed class KillRig : IDisposable
{
    private const string Namespace = "/api/v1/namespaces/kills";
    private static readonly string[] Resources = ["secrets", "configmaps"];

    private readonly TemporaryFolder _folder = new();
    private readonly Random _random = new(7);
    private readonly ObjectWriter[] _writers;
    private readonly RequestWriter[] _requesters;
    private readonly ChangeFollower[] _followers;
    private readonly List<(ChangeFollower Follower, string Mark, long Revision)> _marks = [];
    private KubeconfigTarget? _administrator;
    private volatile bool _killing;
    private int _round;

    public KillRig()
    {
        _writers = [.. Enumerable.Range(0, 8).Select(i => new ObjectWriter(Resources[i % 2], i, Tally))];
        _requesters = [.. Enumerable.Range(8, 2).Select(i => new RequestWriter(i, Tally))];
        _followers = [.. Paths().Concat(Paths()).Select(path => new ChangeFollower(path, Tally))];
    }

    public Tally Tally { get; } = new();

    public int Kills { get; private set; }

    public int KillsWhileStarting { get; private set; }

    private string[] Arguments => ["up", "--data", _folder["data"], "--secure-port", "0"];

    /// <summary>Starts the server, compares everything, lets the clients work for a moment and kills it.</summary>
    public async Task RunAsync()
    {
        _killing = false;
        await using var process = await SealockProcess.StartAsync(Arguments);
        _administrator ??= ServerConnection.Administrator(_folder["data"]);
        using var http1 = new ServerConnection(process.Url, _administrator);
        using var http2 = new ServerConnection(process.Url, _administrator, HttpVersion.Version20);
        if (_round++ == 0)
            (await http1.SendAsync("POST", "/api/v1/namespaces", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "kills" } })).Succeeded();
        await SettleAsync(http1);
        var following = _followers.Select((follower, i) => UntilKilledAsync(() => follower.RunAsync(i % 2 == 0 ? http1 : http2))).ToList();
        await CompareFollowersAsync(http1);
        var working = _writers.Select((writer, i) => UntilKilledAsync(() => writer.RunAsync(i < 4 ? http1 : http2, Namespace)))
            .Concat(_requesters.Select(requester => UntilKilledAsync(() => requester.RunAsync(http2)))).Concat(following).ToList();
        await Task.WhenAny([Task.Delay(_random.Next(50, 700)), .. working]);
        _killing = true;
        await process.KillAsync();
        Kills++;
        await Task.WhenAll(working);
        if (_random.Next(8) == 0)
        {
            await SealockProcess.KillWhileStartingAsync(TimeSpan.FromMilliseconds(_random.Next(20, 350)), Arguments);
            Kills++;
            KillsWhileStarting++;
        }
    }

    /// <summary>Copies the store while the server is dead.</summary>
    public void KeepStore() => Copy(_folder["data/store"], _folder["kept"]);

    /// <summary>Puts the copy in the store's place, as a server would that lost what came after.</summary>
    public void BringBackStore()
    {
        Directory.Delete(_folder["data/store"], recursive: true);
        Copy(_folder["kept"], _folder["data/store"]);
    }

    public void Dispose() => _folder.Dispose();

    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }

    private static IEnumerable<string> Paths() => Resources.Select(resource => $"{Namespace}/{resource}").Append(RequestWriter.Path);

    private async Task UntilKilledAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception fault) when (_killing && fault is HttpRequestException or IOException or OperationCanceledException)
        {
            // The server is dead, as it was meant to be.
        }
    }

    private async Task SettleAsync(ServerConnection server)
    {
        foreach (var resource in Resources)
        {
            var list = await server.GetAsync($"{Namespace}/{resource}");
            Assert.True(list.Revision >= Tally.Revision, $"the revision went back from {Tally.Revision} to {list.Revision}");
            var found = (list.Succeeded()["items"]?.AsArray() ?? []).ToDictionary(item => item.Name(), item => item!);
            foreach (var writer in _writers.Where(writer => writer.Resource == resource))
                writer.Settle(found);
        }

        foreach (var requester in _requesters)
            await requester.SettleAsync(server);
    }

    /// <summary>
    /// An object is made for the followers to notice; what each holds by then is compared with the server's own list at
    /// exactly that revision.
    /// </summary>
    private async Task CompareFollowersAsync(ServerConnection server)
    {
        var mark = $"mark-{_round}";
        foreach (var path in Paths())
        {
            var body = path == RequestWriter.Path ? RequestWriter.NewBody(mark) : new JsonObject { ["metadata"] = new JsonObject { ["name"] = mark } };
            var revision = (await server.SendAsync("POST", path, body)).Revision;
            var list = (await server.GetAsync($"{path}?resourceVersion={revision}&resourceVersionMatch=Exact")).Succeeded();
            Assert.Equal(revision, list["metadata"].Revision());
            var expected = (list["items"]?.AsArray() ?? []).ToDictionary(item => item.Name(), item => ChangeFollower.Plain(item!));
            foreach (var follower in _followers.Where(follower => follower.Path == path))
            {
                var held = await follower.StateAtAsync(mark);
                Assert.Equal(expected.Keys.Order(), held.Keys.Order());
                foreach (var (name, item) in held)
                    Assert.True(JsonNode.DeepEquals(expected[name], item), $"{path}: {name} is {expected[name]}, a watch says {item}");
                follower.RequireSeen(_writers.Where(writer => path.EndsWith(writer.Resource, StringComparison.Ordinal)).SelectMany(writer => writer.Acknowledged));
            }

            (await server.SendAsync("DELETE", $"{path}/{mark}")).Succeeded();
        }

        foreach (var writer in _writers)
            writer.Acknowledged.Clear();
    }
}
