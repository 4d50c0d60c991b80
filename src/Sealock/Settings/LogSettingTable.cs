// SPDX-License-Identifier: Apache-2.0
using Sealock.Hosting.Logs;

namespace Sealock.Settings;

/// <summary>The settings about what is logged, and how.</summary>
internal static class LogSettingTable
{
    public static IEnumerable<Setting> All { get; } =
    [
        new("log-format", "text|json|ecs", "how log lines on standard error are written: text (default), json, or ecs (JSON with the fields of the Elastic Common Schema)",
            (r, v) =>
            {
                if (Format(v) is { } format)
                    r.Settings = r.Settings with { LogFormat = format };
                else
                    r.Mistake($"\"{v}\" is no format; use text, json or ecs");
            }),
        new("access-log", "", "log a line for each request, without its query",
            (r, v) => r.Settings = r.Settings with { AccessLog = r.Boolean(v) ?? false }),
    ];

    /// <summary>A format by its name; null where there is none such.</summary>
    public static LogFormat? Format(string name) => name switch
    {
        "text" => LogFormat.Text,
        "json" => LogFormat.Json,
        "ecs" => LogFormat.Ecs,
        _ => null,
    };
}
