// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Sealock.Gateway.Pipeline;

namespace Sealock.Hosting.Logs;

/// <summary>
/// One JSON object for each event, on a line of its own. What belongs to a request says so: its Audit-ID, and what is known of it.
/// </summary>
internal sealed class JsonLogLine(LogVocabulary names, TimeProvider clock) : ConsoleFormatter(names.Formatter)
{
    // Lines are for programs that read JSON, not for pages of HTML.
    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var line = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(line, Writing))
        {
            var isAccess = logEntry.Category == AccessLog.Category;
            json.WriteStartObject();
            json.WriteString(names.Time, clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            json.WriteString(names.Level, LogLevels.Name(logEntry.LogLevel));
            json.WriteString(names.Message, logEntry.Formatter(logEntry.State, logEntry.Exception));
            foreach (var (name, value) in names.Fixed)
                json.WriteString(name, value);
            json.WriteString(names.Logger, logEntry.Category);
            if (names.Dataset.Length > 0)
                json.WriteString(names.Dataset, isAccess ? "sealock.access" : "sealock.log");
            if (RequestLogScope.Current is { } request)
                WriteRequest(json, request);
            if (isAccess && logEntry.State is IReadOnlyList<KeyValuePair<string, object?>> fields)
                WriteAnswer(json, fields);
            if (logEntry.Exception is { } fault)
            {
                json.WriteString(names.ErrorType, fault.GetType().FullName);
                json.WriteString(names.ErrorMessage, fault.Message);
                json.WriteString(names.ErrorTrace, fault.ToString());
            }

            json.WriteEndObject();
        }

        textWriter.WriteLine(Encoding.UTF8.GetString(line.WrittenSpan));
    }

    private void WriteRequest(Utf8JsonWriter json, RequestLogScope request)
    {
        foreach (var name in names.RequestIds)
            json.WriteString(name, request.AuditId);
        json.WriteString(names.Method, request.Method);
        if (request.Path.Length > 0)
            json.WriteString(names.Path, request.Path);
        if (request.Source is { } source)
            json.WriteString(names.Source, source.ToString());
        if (request.User.Length > 0)
            json.WriteString(names.User, request.User);
    }

    /// <summary>What <see cref="AccessLog"/> says beside what is known of every request.</summary>
    private void WriteAnswer(Utf8JsonWriter json, IReadOnlyList<KeyValuePair<string, object?>> fields)
    {
        foreach (var (name, value) in fields)
        {
            switch (name, value)
            {
                case ("Code", int code):
                    json.WriteNumber(names.Code, code);
                    names.Access(json, code);
                    break;
                case ("Milliseconds", double milliseconds):
                    names.Duration(json, milliseconds);
                    break;
                case ("Protocol", string protocol):
                    json.WriteString(names.Version, protocol.StartsWith("HTTP/", StringComparison.Ordinal) ? protocol["HTTP/".Length..] : protocol);
                    break;
                case ("Agent", string { Length: > 0 } agent):
                    json.WriteString(names.Agent, agent);
                    break;
            }
        }
    }
}
