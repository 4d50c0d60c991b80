// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sealock.Api.Client;
using Sealock.Api.Client.Views;
using Sealock.Api.Objects;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Reconciling;

/// <summary>
/// Tells in events (core/v1) what loops do, so that <c>kubectl describe</c> shows it. The same thing said again counts up instead
/// of adding an event. Telling never holds a loop up: what cannot be taken in at once is dropped.
/// </summary>
internal sealed partial class EventRecorder(ApiClient client, string component, TimeProvider time, ILogger logger)
{
    public const string Normal = "Normal";
    public const string Warning = "Warning";

    private const int LongestMessage = 1024;
    private const int Waiting = 4096;
    private const int Counted = 4096;

    private readonly Channel<Entry> _entries = Channel.CreateBounded<Entry>(
        new BoundedChannelOptions(Waiting) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    /// <summary>How often things were said that were said more than once; who tells need not be allowed to read.</summary>
    private readonly Dictionary<string, int> _counts = new(StringComparer.Ordinal);

    private sealed record Entry(
        string ApiVersion, string Kind, string Namespace, string Name, string Uid, string Type, string Reason, string Message, DateTimeOffset Time);

    /// <summary>Says something about an object.</summary>
    public void Say(string apiVersion, string kind, ObjectMetaView about, string type, string reason, string message) =>
        _entries.Writer.TryWrite(new Entry(
            apiVersion, kind, about.Namespace, about.Name, about.Uid, type, reason,
            message.Length <= LongestMessage ? message : message[..LongestMessage], time.GetUtcNow()));

    /// <summary>Hands in what was said, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var entry in _entries.Reader.ReadAllAsync(cancellationToken))
            {
                try
                {
                    await HandInAsync(entry, cancellationToken);
                }
                catch (Exception fault) when (fault is ApiException or HttpRequestException or IOException)
                {
                    LogLost(logger, entry.Reason, entry.Kind, entry.Namespace, entry.Name, fault.Message);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
        }
    }

    private async Task HandInAsync(Entry entry, CancellationToken cancellationToken)
    {
        // Events about what belongs to the whole cluster stand in the namespace "default".
        var @namespace = entry.Namespace.Length > 0 ? entry.Namespace : "default";
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{entry.Uid}/{entry.Reason}/{entry.Message}"))[..8]);
        var prefix = entry.Name.Length <= 200 ? entry.Name : entry.Name[..200].TrimEnd('.', '-');
        var name = $"{prefix}.{hash}";
        var now = ObjectFields.Rfc3339(entry.Time);
        try
        {
            await client.CreateAsync(ResourceTypes.Events, @namespace, New(entry, name, @namespace, now), cancellationToken);
        }
        catch (ApiException said) when (said is { Code: 409, Reason: "AlreadyExists" })
        {
            if (_counts.Count >= Counted)
                _counts.Clear();
            var count = _counts[name] = _counts.GetValueOrDefault(name, 1) + 1;
            await client.PatchAsync(
                ResourceTypes.Events, @namespace, name, new JsonObject { ["count"] = count, ["lastTimestamp"] = now },
                cancellationToken: cancellationToken);
        }
        catch (ApiException refused) when (refused.Code is 403 or 404)
        {
            // The namespace is going, or events may not be told here: nothing depends on them.
        }
    }

    private JsonObject New(Entry entry, string name, string @namespace, string now)
    {
        var about = new JsonObject
        {
            ["apiVersion"] = entry.ApiVersion,
            ["kind"] = entry.Kind,
            ["name"] = entry.Name,
            ["uid"] = entry.Uid,
        };
        if (entry.Namespace.Length > 0)
            about["namespace"] = entry.Namespace;
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Event",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = @namespace },
            ["involvedObject"] = about,
            ["type"] = entry.Type,
            ["reason"] = entry.Reason,
            ["message"] = entry.Message,
            ["source"] = new JsonObject { ["component"] = component },
            ["firstTimestamp"] = now,
            ["lastTimestamp"] = now,
            ["count"] = 1,
        };
    }

    [LoggerMessage(Level = LogLevel.Debug, Message = "the event {Reason} about {Kind} {Namespace}/{Name} is lost: {Problem}")]
    private static partial void LogLost(ILogger logger, string reason, string kind, string @namespace, string name, string problem);
}
