// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text.Json.Nodes;

namespace Sealock.EndToEnd.Durability;

/// <summary>
/// A client that lists once and then only watches, across restarts of the server, from the last revision it saw. What
/// it holds has to be what the server holds, and every event has to fit to what it holds.
/// </summary>
internal sealed class ChangeFollower(string path, Tally tally)
{
    private readonly Dictionary<string, JsonNode> _objects = [];
    private readonly HashSet<(string Name, long Revision)> _seen = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource<IReadOnlyDictionary<string, JsonNode>>> _marks = [];
    private long _listed;
    private long _revision;

    public string Path => path;

    /// <summary>Follows until the connection breaks.</summary>
    public async Task RunAsync(ServerConnection server)
    {
        while (true)
        {
            if (_revision == 0)
                await ListAsync(server);
            await foreach (var change in server.StreamAsync(
                $"{path}?watch=true&allowWatchBookmarks=true&resourceVersion={_revision}&timeoutSeconds=3600"))
            {
                if (change["type"]?.GetValue<string>() == "ERROR")
                {
                    Assert.Equal(410, change["object"]?["code"]?.GetValue<int>());
                    tally.Relisted();
                    _revision = 0;
                    break;
                }

                Apply(change["type"]?.GetValue<string>(), change["object"] ?? new JsonObject());
            }
        }
    }

    /// <summary>What it holds at the moment at which it learns of an object of that name.</summary>
    public Task<IReadOnlyDictionary<string, JsonNode>> StateAtAsync(string mark) => Mark(mark).Task.WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Fails if it missed a change that was acknowledged to somebody.</summary>
    public void RequireSeen(IEnumerable<(string Name, long Revision)> acknowledged)
    {
        foreach (var change in acknowledged)
            Assert.True(change.Revision <= _listed || _seen.Contains(change), $"{path}: {change} was never seen by a watch");
        _seen.Clear();
    }

    /// <summary>An object without what only events and single answers carry.</summary>
    public static JsonNode Plain(JsonNode item)
    {
        var plain = item.DeepClone().AsObject();
        plain.Remove("kind");
        plain.Remove("apiVersion");
        return plain;
    }

    private TaskCompletionSource<IReadOnlyDictionary<string, JsonNode>> Mark(string name) =>
        _marks.GetOrAdd(name, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private async Task ListAsync(ServerConnection server)
    {
        var list = (await server.GetAsync(path)).Succeeded();
        _objects.Clear();
        foreach (var item in list["items"]?.AsArray() ?? [])
            _objects.Add(item.Name(), Plain(item!)); // a list has no nulls
        _listed = _revision = list["metadata"].Revision();
        foreach (var name in _objects.Keys)
            NoteMark(name);
    }

    private void Apply(string? type, JsonNode item)
    {
        var revision = item["metadata"].Revision();
        var name = item.Name();
        if (type == "BOOKMARK")
        {
            Assert.True(revision >= _revision, $"{path}: a bookmark at {revision} after {_revision}");
            _revision = revision;
            return;
        }

        Assert.True(revision > _revision, $"{path}: {type} {name} at {revision} after {_revision}");
        Assert.True(_objects.ContainsKey(name) == (type != "ADDED"), $"{path}: {type} {name} at {revision} does not fit");
        _revision = revision;
        tally.Event(revision);
        _seen.Add((name, revision));
        if (type == "DELETED")
            _objects.Remove(name);
        else
            _objects[name] = Plain(item);
        NoteMark(name);
    }

    private void NoteMark(string name)
    {
        if (name.StartsWith("mark-", StringComparison.Ordinal))
            Mark(name).TrySetResult(new Dictionary<string, JsonNode>(_objects));
    }
}
