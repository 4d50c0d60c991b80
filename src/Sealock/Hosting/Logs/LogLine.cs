// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using Sealock.Commands;
using Sealock.Gateway.Pipeline;

namespace Sealock.Hosting.Logs;

/// <summary>
/// One line for each event: time in UTC, level, who, what; a fault's text behind it, on the same line; the Audit-ID of the
/// request that it belongs to at the end.
/// </summary>
internal sealed class LogLine(TimeProvider clock) : ConsoleFormatter(FormatterName)
{
    public const string FormatterName = "line";

    /// <inheritdoc/>
    public override void Write<TState>(in LogEntry<TState> logEntry, IExternalScopeProvider? scopeProvider, TextWriter textWriter)
    {
        var text = logEntry.Formatter(logEntry.State, logEntry.Exception);
        if (logEntry.Exception is { } fault)
            text = $"{text}: {fault}";
        if (RequestLogScope.Current is { } request)
            text = $"{text} (Audit-ID {request.AuditId})";
        textWriter.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{clock.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {LogLevels.Name(logEntry.LogLevel),-5} {logEntry.Category}: {OneLine(text)}"));
    }

    private static string OneLine(string text) => Printable.Of(text.ReplaceLineEndings(" "));
}

/// <summary>The names of levels in every format.</summary>
internal static class LogLevels
{
    public static string Name(LogLevel level) => level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        _ => "error",
    };
}
