// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;

namespace Sealock.Api.Client;

/// <summary>A change an informer saw. Added: no old one. Deleted: no new one.</summary>
public readonly record struct ObjectChange<T>(T? Old, T? New)
    where T : class;

/// <summary>What an informer follows.</summary>
public sealed record InformerScope
{
    /// <summary>Namespace; empty means all.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Label selector in its text form.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Field selector in its text form.</summary>
    public string FieldSelector { get; init; } = "";
}

/// <summary>
/// Keeps the latest objects of a resource in memory: lists, then watches from there on, again and again. Reads are
/// lock-free and see a consistent snapshot; what is read may lag behind the server.
/// </summary>
/// <typeparam name="T">The view.</typeparam>
public sealed partial class Informer<T>(
    ApiClient client, ResourceType<T> type, InformerScope scope, TimeProvider clock, ILogger logger)
    where T : class, IObjectView
{
    private static readonly TimeSpan ShortestDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WatchTime = TimeSpan.FromMinutes(8);

    private const int UsualRelists = 4;

    private readonly Lock gate = new();
    private readonly List<Action<ObjectChange<T>>> handlers = [];
    private readonly TaskCompletionSource synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ImmutableDictionary<string, T> snapshot = ImmutableDictionary<string, T>.Empty;
    private string version = "";
    private bool isAway;

    /// <summary>The latest objects by <c>namespace/name</c>, or by name where there is no namespace.</summary>
    public IReadOnlyDictionary<string, T> Objects => snapshot;

    /// <summary>Whether the first list has been taken in.</summary>
    public bool IsSynced => synced.Task.IsCompletedSuccessfully;

    /// <summary>The latest state of an object, or null.</summary>
    public T? Find(string @namespace, string name) =>
        snapshot.GetValueOrDefault(@namespace.Length == 0 ? name : $"{@namespace}/{name}");

    /// <summary>
    /// Calls <paramref name="handler"/> with every change, one at a time and in order, beginning with an addition for
    /// each object that is known. It must be quick and must not throw: it usually queues a key.
    /// </summary>
    public void OnChange(Action<ObjectChange<T>> handler)
    {
        lock (gate)
        {
            handlers.Add(handler);
            foreach (var present in snapshot.Values)
                handler(new ObjectChange<T>(null, present));
        }
    }

    /// <summary>Completes when the first list has been taken in.</summary>
    public Task WaitForSyncAsync(CancellationToken cancellationToken) => synced.Task.WaitAsync(cancellationToken);

    /// <summary>
    /// Follows the resource until cancelled; failures are logged and tried again with growing delays.
    /// </summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failures = 0;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                if (version.Length == 0)
                    await ListAsync(cancellationToken);
                if (await WatchAsync(cancellationToken))
                    failures = 0;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException expired) when (expired.Code == 410)
            {
                // Usual after a pause, or where a server has just begun to serve the resource.
                version = "";
                LogRelist(failures < UsualRelists ? LogLevel.Debug : LogLevel.Warning, type.Plural, expired.Message);
            }
            catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException
                or OperationCanceledException)
            {
                // One connection that ends is nothing: it is tried again at once.
                var told = TransportFault.Tell(fault);
                LogFailure(isAway || failures == 0 ? LogLevel.Debug : LogLevel.Warning, type.Plural, told);
                isAway |= failures > 0;
            }

            try
            {
                await Task.Delay(DelayAfter(failures++), clock, cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>Tells once that the server answers again.</summary>
    private void Back()
    {
        if (isAway)
            LogBack(type.Plural);
        isAway = false;
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var query = new ListQuery { LabelSelector = scope.LabelSelector, FieldSelector = scope.FieldSelector };
        var list = await client.ListAsync(type, scope.Namespace, query, cancellationToken);
        var next = ImmutableDictionary.CreateBuilder<string, T>();
        foreach (var item in list.Items)
            next[item.Metadata.Key] = item;
        lock (gate)
        {
            var before = snapshot;
            snapshot = next.ToImmutable();
            foreach (var (key, now) in snapshot)
            {
                var old = before.GetValueOrDefault(key);
                if (old is not null && old.Metadata.Uid != now.Metadata.Uid)
                {
                    Report(old, null);
                    old = null;
                }

                if (old is null || old.Metadata.ResourceVersion != now.Metadata.ResourceVersion)
                    Report(old, now);
            }

            foreach (var (key, gone) in before)
            {
                if (!snapshot.ContainsKey(key))
                    Report(gone, null);
            }
        }

        Back();
        version = list.ResourceVersion;
        synced.TrySetResult();
    }

    /// <summary>Watches until the server ends it; true when it said anything.</summary>
    private async Task<bool> WatchAsync(CancellationToken cancellationToken)
    {
        var heard = false;
        var query = new ListQuery
        {
            LabelSelector = scope.LabelSelector,
            FieldSelector = scope.FieldSelector,
            ResourceVersion = version,
            AllowBookmarks = true,
            Timeout = WatchTime * (1 + Random.Shared.NextDouble()),
        };
        await foreach (var change in client.WatchAsync(type, scope.Namespace, query, cancellationToken))
        {
            heard = true;
            Back();
            if (change.Object is { } now)
                Take(change.Type, now);
            if (change.ResourceVersion.Length > 0)
                version = change.ResourceVersion;
        }

        return heard;
    }

    private void Take(WatchEventType kind, T now)
    {
        lock (gate)
        {
            var key = now.Metadata.Key;
            var old = snapshot.GetValueOrDefault(key);
            if (kind == WatchEventType.Deleted)
            {
                snapshot = snapshot.Remove(key);
                if (old is not null)
                    Report(now, null);
                return;
            }

            snapshot = snapshot.SetItem(key, now);
            Report(old, now);
        }
    }

    private void Report(T? old, T? now)
    {
        foreach (var handler in handlers)
            handler(new ObjectChange<T>(old, now));
    }

    /// <summary>Full jitter: anything up to a bound that doubles with each failure in a row.</summary>
    private static TimeSpan DelayAfter(int failures) =>
        failures == 0
            ? TimeSpan.Zero
            : Random.Shared.NextDouble() * Min(ShortestDelay * Math.Pow(2, Math.Min(failures, 16)), LongestDelay);

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    [LoggerMessage(Message = "watching {Resource} lists again: {Reason}")]
    private partial void LogRelist(LogLevel level, string resource, string reason);

    [LoggerMessage(Message = "watching {Resource} failed and is tried again until it works: {Reason}")]
    private partial void LogFailure(LogLevel level, string resource, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "watching {Resource} works again")]
    private partial void LogBack(string resource);
}
