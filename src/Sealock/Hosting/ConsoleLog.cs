// SPDX-License-Identifier: Apache-2.0
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Sealock.Hosting;

/// <summary>Log lines on standard error.</summary>
internal static class ConsoleLog
{
    public static ILoggerFactory Create(LogLevel level) => LoggerFactory.Create(logging =>
    {
        logging.Services.AddSingleton<ConsoleFormatter>(new LogLine(TimeProvider.System));
        logging.SetMinimumLevel(level)
            .AddFilter("Microsoft", LogLevel.Warning)
            // Its warnings are about what strangers send, one for each connection.
            .AddFilter("Microsoft.AspNetCore.Server.Kestrel", LogLevel.Error)
            .AddConsole(console =>
            {
                console.LogToStandardErrorThreshold = LogLevel.Trace;
                console.FormatterName = LogLine.FormatterName;
            });
    });
}
