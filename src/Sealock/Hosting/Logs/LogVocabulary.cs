// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;

namespace Sealock.Hosting.Logs;

/// <summary>What the fields of a JSON log line are called.</summary>
internal sealed record LogVocabulary
{
    /// <summary>Short names.</summary>
    public static LogVocabulary Short { get; } = new()
    {
        Formatter = "json",
        Time = "time",
        Level = "level",
        Message = "msg",
        Logger = "logger",
        RequestIds = ["auditID"],
        Method = "method",
        Path = "path",
        Source = "source",
        User = "user",
        Code = "code",
        Version = "protocol",
        Agent = "userAgent",
        Duration = (json, milliseconds) => json.WriteNumber("durationMs", milliseconds),
        ErrorType = "errorType",
        ErrorMessage = "error",
        ErrorTrace = "stack",
    };

    /// <summary>
    /// Elastic Common Schema 8.11. Elastic's agents take dotted names for nested objects, and its logging libraries write them
    /// so; the first four fields are those that all of them share.
    /// </summary>
    public static LogVocabulary Ecs { get; } = new()
    {
        Formatter = "ecs",
        Time = "@timestamp",
        Level = "log.level",
        Message = "message",
        Fixed = [("ecs.version", "8.11.0"), ("service.name", "sealock"), ("service.type", "sealock")],
        Logger = "log.logger",
        Dataset = "event.dataset",
        RequestIds = ["trace.id", "http.request.id"],
        Method = "http.request.method",
        Path = "url.path",
        Source = "source.ip",
        User = "user.name",
        Code = "http.response.status_code",
        Version = "http.version",
        Agent = "user_agent.original",
        // event.duration counts nanoseconds.
        Duration = (json, milliseconds) => json.WriteNumber("event.duration", (long)(milliseconds * 1e6)),
        Access = (json, code) =>
        {
            json.WriteString("event.kind", "event");
            json.WriteStartArray("event.category");
            json.WriteStringValue("web");
            json.WriteEndArray();
            json.WriteStartArray("event.type");
            json.WriteStringValue("access");
            json.WriteEndArray();
            json.WriteString("event.outcome", code < 400 ? "success" : "failure");
        },
        ErrorType = "error.type",
        ErrorMessage = "error.message",
        ErrorTrace = "error.stack_trace",
    };

    public required string Formatter { get; init; }

    public required string Time { get; init; }

    public required string Level { get; init; }

    public required string Message { get; init; }

    public ImmutableArray<(string Name, string Value)> Fixed { get; init; } = [];

    public required string Logger { get; init; }

    /// <summary>The stream that a line belongs to: requests, or the server's own doings; empty for no such field.</summary>
    public string Dataset { get; init; } = "";

    public required ImmutableArray<string> RequestIds { get; init; }

    public required string Method { get; init; }

    public required string Path { get; init; }

    public required string Source { get; init; }

    public required string User { get; init; }

    public required string Code { get; init; }

    public required string Version { get; init; }

    public required string Agent { get; init; }

    public required Action<Utf8JsonWriter, double> Duration { get; init; }

    /// <summary>What is said of an answered request further, given its status code.</summary>
    public Action<Utf8JsonWriter, int> Access { get; init; } = (_, _) => { };

    public required string ErrorType { get; init; }

    public required string ErrorMessage { get; init; }

    public required string ErrorTrace { get; init; }
}
