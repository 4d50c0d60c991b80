// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sealock.Hosting.Logs;

/// <summary>Log lines on standard error.</summary>
internal static class ConsoleLog
{
    public static ILoggerFactory Create(LogLevel level, LogFormat format = LogFormat.Text) => LoggerFactory.Create(logging =>
    {
        ConsoleFormatter formatter = format switch
        {
            LogFormat.Json => new JsonLogLine(LogVocabulary.Short, TimeProvider.System),
            LogFormat.Ecs => new JsonLogLine(LogVocabulary.Ecs, TimeProvider.System),
            _ => new LogLine(TimeProvider.System),
        };
        logging.Services.AddSingleton(formatter);
        logging.SetMinimumLevel(level)
            .AddFilter("Microsoft", LogLevel.Warning)
            // Its warnings are about what strangers send, one for each connection.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error)
            .AddConsole(console =>
            {
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.FormatterName = formatter.Name;
            });
    });
}
