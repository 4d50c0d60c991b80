// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using System.Web;
using Sealock.Api.Client;
using Sealock.Api.Objects;
using Sealock.Api.Patching;

namespace Sealock.Tests.Support;

/// <summary>
/// A small API server in memory, for tests of clients: objects by path with versions, uids, preconditions, finalizers,
/// lists and watches. Rules of resources are what a test adds with <see cref="OnWrite"/>.
/// </summary>
internal sealed class MemoryApiServer : IApiTransport
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, JsonObject> _objects = new(StringComparer.Ordinal);
    private readonly List<(string Prefix, string Kind, JsonObject Object, long Version)> _log = [];
    private readonly List<TaskCompletionSource> _waiting = [];
    private long _version = 1;

    /// <summary>Discovery: group version to resources (name, kind, namespaced).</summary>
    public Dictionary<string, (string Name, string Kind, bool Namespaced)[]> Served { get; } = [];

    /// <summary>Called before a write is stored: path, subresource, old, new. May change the new object or throw.</summary>
    public Action<string, string, JsonObject?, JsonObject>? OnWrite { get; set; }

    /// <summary>Answers creations on paths that store nothing (reviews, tokens); null: not one of those.</summary>
    public Func<string, JsonObject, JsonObject?>? OnAnswer { get; set; }

    /// <summary>Requests that changed something, as <c>METHOD path</c>.</summary>
    public ConcurrentQueue<string> Writes { get; } = new();

    public JsonObject? Find(string path)
    {
        lock (_gate)
            return _objects.GetValueOrDefault(path)?.DeepClone().AsObject();
    }

    public IReadOnlyList<string> Paths(string prefix)
    {
        lock (_gate)
            return [.. _objects.Keys.Where(path => path.StartsWith(prefix, StringComparison.Ordinal))];
    }

    /// <summary>Stores an object as it is, with a uid and a version.</summary>
    public JsonObject Put(string path, JsonObject @object)
    {
        lock (_gate)
            return Store(path, @object.DeepClone().AsObject());
    }

    /// <summary>Completes when a condition on the stored objects holds.</summary>
    public async Task Until(Func<bool> condition)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (condition())
                    return;
                changed = Changed();
            }

            await changed.WaitAsync(TimeSpan.FromSeconds(60));
        }
    }

    public Task<TransportResponse> SendAsync(
        string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var question = pathAndQuery.IndexOf('?', StringComparison.Ordinal);
        var path = Uri.UnescapeDataString(question < 0 ? pathAndQuery : pathAndQuery[..question]);
        var query = HttpUtility.ParseQueryString(question < 0 ? "" : pathAndQuery[question..]);
        var sent = body.IsEmpty ? null : JsonNode.Parse(body.Span)!.AsObject();
        try
        {
            if (query["watch"] == "true")
                return Task.FromResult(Watch(path, query["fieldSelector"], query["resourceVersion"]!, cancellationToken));
            lock (_gate)
                return Task.FromResult(Answer(200, Handle(method, path, query["fieldSelector"], sent)));
        }
        catch (ApiException failure)
        {
            return Task.FromResult(new TransportResponse(failure.Code, new MemoryStream(StatusWriter.Failure(failure))));
        }
    }

    private JsonObject Handle(string method, string path, string? fieldSelector, JsonObject? sent)
    {
        if (Discover(path) is { } discovery)
            return discovery;
        var (item, subresource) = Split(path);
        if (method != "GET")
            Writes.Enqueue($"{method} {path}");
        switch (method)
        {
            case "GET" when item is not null:
                return Existing(item).DeepClone().AsObject();
            case "GET":
                return List(path, fieldSelector);
            case "POST":
                if (OnAnswer?.Invoke(path, sent!) is { } answer)
                    return answer;
                var name = sent!["metadata"]!["name"]!.GetValue<string>();
                if (_objects.ContainsKey($"{path}/{name}"))
                    throw ApiException.AlreadyExists("", path.Split('/')[^1], name);
                OnWrite?.Invoke($"{path}/{name}", "", null, sent);
                return Store($"{path}/{name}", sent.DeepClone().AsObject()).DeepClone().AsObject();
            case "PATCH" or "PUT":
                return Change(item!, subresource, sent!, method == "PATCH");
            default:
                return Delete(item!, sent);
        }
    }

    private JsonObject Change(string path, string subresource, JsonObject sent, bool patch)
    {
        var old = Existing(path);
        Require(path, old, sent["metadata"]?["uid"], sent["metadata"]?["resourceVersion"]);
        var changed = sent.DeepClone().AsObject();
        if (patch)
            Assert.True(MergePatch.TryApply(old.DeepClone().AsObject(), sent, out changed, out _));
        else
            changed["metadata"] = old["metadata"]!.DeepClone();
        OnWrite?.Invoke(path, subresource, old, changed);
        if (JsonNode.DeepEquals(old, changed))
            return changed;
        changed["metadata"]!["uid"] = old["metadata"]!["uid"]!.DeepClone();
        if (changed["metadata"]!["deletionTimestamp"] is not null && IsFree(changed))
            return Remove(path, changed);
        return Store(path, changed).DeepClone().AsObject();
    }

    private JsonObject Delete(string path, JsonObject? options)
    {
        var old = Existing(path);
        Require(path, old, options?["preconditions"]?["uid"], options?["preconditions"]?["resourceVersion"]);
        var marked = old.DeepClone().AsObject();
        var finalizers = marked["metadata"]!["finalizers"] as JsonArray ?? [];
        if (options?["propagationPolicy"]?.GetValue<string>() is "Foreground" && finalizers.All(f => f!.GetValue<string>() != "foregroundDeletion"))
            finalizers.Add((JsonNode)"foregroundDeletion");
        if (finalizers.Count > 0 && finalizers.Parent is null)
            marked["metadata"]!["finalizers"] = finalizers;
        if (IsFree(marked))
            return Remove(path, marked);
        marked["metadata"]!["deletionTimestamp"] = "2026-01-01T00:00:00Z";
        return Store(path, marked).DeepClone().AsObject();
    }

    private static bool IsFree(JsonObject @object) =>
        @object["metadata"]!["finalizers"] is not JsonArray { Count: > 0 } && @object["spec"]?["finalizers"] is not JsonArray { Count: > 0 };

    private static void Require(string path, JsonObject old, JsonNode? uid, JsonNode? version)
    {
        foreach (var (name, expected) in new[] { ("uid", uid), ("resourceVersion", version) })
        {
            if (expected is not null && expected.GetValue<string>() != old["metadata"]![name]!.GetValue<string>())
                throw ApiException.Conflict("", path.Split('/')[^2], path.Split('/')[^1], $"{name} differs");
        }
    }

    private JsonObject Existing(string path) => _objects.GetValueOrDefault(path)
        ?? throw ApiException.NotFound("", path.Split('/')[^2], path.Split('/')[^1]);

    private JsonObject Store(string path, JsonObject @object)
    {
        var isNew = !_objects.ContainsKey(path);
        var metadata = @object["metadata"]!;
        metadata["uid"] ??= Guid.NewGuid().ToString();
        metadata["name"] ??= path.Split('/')[^1];
        if (path.Split('/') is [.., "namespaces", var @namespace, _, _])
            metadata["namespace"] = @namespace;
        metadata["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        _objects[path] = @object;
        Log(path, isNew ? "ADDED" : "MODIFIED", @object);
        return @object;
    }

    private JsonObject Remove(string path, JsonObject last)
    {
        _objects.Remove(path);
        last["metadata"]!["resourceVersion"] = (++_version).ToString(CultureInfo.InvariantCulture);
        Log(path, "DELETED", last);
        return new JsonObject { ["kind"] = "Status", ["status"] = "Success" };
    }

    private void Log(string path, string kind, JsonObject @object)
    {
        _log.Add((path, kind, @object.DeepClone().AsObject(), _version));
        foreach (var waiter in _waiting)
            waiter.TrySetResult();
        _waiting.Clear();
    }

    private Task Changed()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Add(source);
        return source.Task;
    }

    private JsonObject List(string path, string? fieldSelector) => new()
    {
        ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture) },
        ["items"] = new JsonArray([.. _objects.Where(pair => Selects(path, fieldSelector, pair.Key, pair.Value))
            .Select(pair => pair.Value.DeepClone())]),
    };

    private static bool Selects(string collection, string? fieldSelector, string path, JsonObject @object)
    {
        var parts = path.Split('/');
        var resource = string.Join('/', parts[..^1]);
        var everywhere = parts is [.., "namespaces", _, _, _] ? string.Join('/', parts[..^4]) + "/" + parts[^2] : resource;
        if (collection != resource && collection != everywhere)
            return false;
        if (fieldSelector is null)
            return true;
        var (field, value) = (fieldSelector.Split('=')[0], fieldSelector.Split('=')[1]);
        var found = field.Split('.').Aggregate((JsonNode?)@object, (node, name) => node?[name]);
        return found?.GetValue<string>() == value;
    }

    private TransportResponse Watch(string path, string? fieldSelector, string since, CancellationToken cancellationToken)
    {
        var pipe = new Pipe();
        var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _ = Task.Run(() => WriteAsync(path, fieldSelector, long.Parse(since, CultureInfo.InvariantCulture), pipe.Writer, end.Token), CancellationToken.None);
        return new TransportResponse(200, pipe.Reader.AsStream(), end);
    }

    private async Task WriteAsync(string path, string? fieldSelector, long since, PipeWriter writer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                List<(string, string Kind, JsonObject Object, long Version)> news;
                Task changed;
                lock (_gate)
                {
                    news = [.. _log.Where(entry => entry.Version > since && Selects(path, fieldSelector, entry.Prefix, entry.Object))];
                    since = _version;
                    changed = Changed();
                }

                foreach (var (_, kind, @object, _) in news)
                {
                    var line = new JsonObject { ["type"] = kind, ["object"] = @object.DeepClone() }.ToJsonString() + "\n";
                    await writer.WriteAsync(Encoding.UTF8.GetBytes(line), cancellationToken);
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            await writer.CompleteAsync();
        }
    }

    private JsonObject? Discover(string path)
    {
        if (path == "/apis")
        {
            var groups = Served.Keys.Where(version => version.Contains('/')).Select(version => (JsonNode)new JsonObject
            {
                ["preferredVersion"] = new JsonObject { ["groupVersion"] = version },
                ["versions"] = new JsonArray(new JsonObject { ["groupVersion"] = version }),
            });
            return new JsonObject { ["groups"] = new JsonArray([.. groups]) };
        }

        if (path.Split('/') is not ([_, "api", _] or [_, "apis", _, _]))
            return null;
        var resources = Served.GetValueOrDefault(path.Replace("/apis/", "").Replace("/api/", "")) ?? [];
        return new JsonObject
        {
            ["resources"] = new JsonArray([.. resources.Select(resource => (JsonNode)new JsonObject
            {
                ["name"] = resource.Name,
                ["kind"] = resource.Kind,
                ["namespaced"] = resource.Namespaced,
                ["verbs"] = new JsonArray("create", "delete", "get", "list", "patch", "update", "watch"),
            })]),
        };
    }

    /// <summary>The object a path names and its subresource; no object where it names a collection.</summary>
    private static (string? Item, string Subresource) Split(string path)
    {
        var parts = path.Split('/');
        var start = parts[1] == "api" ? 3 : 4;
        if (parts.Length > start + 2 && parts[start] == "namespaces" && parts[start + 2] is not ("status" or "finalize"))
            start += 2;
        return (parts.Length - start) switch
        {
            1 => (null, ""),
            2 => (path, ""),
            _ => (string.Join('/', parts[..^1]), parts[^1]),
        };
    }

    private static TransportResponse Answer(int code, JsonObject body) =>
        new(code, new MemoryStream(Encoding.UTF8.GetBytes(body.ToJsonString())));
}
