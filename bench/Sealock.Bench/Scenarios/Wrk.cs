// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>The load generator wrk, where it is installed: it takes less of the shared processors than we do.</summary>
internal static partial class Wrk
{
    public static bool IsInstalled { get; } = Daemon.IsThere("wrk");

    /// <summary>Sends GET requests with a bearer token for a while.</summary>
    /// <exception cref="InvalidOperationException">An answer was none of 2xx, or a connection broke.</exception>
    public static async Task<Load.Result> RunAsync(
        string url, string token, int connections, TimeSpan window, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(
            "wrk",
            [
                "-t1", $"-c{connections}", $"-d{Math.Max(1, (int)window.TotalSeconds)}s", "--timeout", "20s",
                "-H", $"Authorization: Bearer {token}", "-H", "Accept: application/json", url,
            ])
        {
            RedirectStandardOutput = true,
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("wrk did not start");
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        if (process.ExitCode != 0 || output.Contains("Non-2xx", StringComparison.Ordinal) || output.Contains("Socket errors", StringComparison.Ordinal))
            throw new InvalidOperationException($"wrk {url}: {output}");
        var match = Summary().Match(output);
        if (!match.Success)
            throw new InvalidOperationException($"wrk's output was not understood: {output}");
        var seconds = Number(match.Groups["time"]) * (match.Groups["unit"].Value == "m" ? 60 : 1);
        return new Load.Result((long)Number(match.Groups["count"]), seconds);
    }

    private static double Number(Group group) => double.Parse(group.ValueSpan, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"(?<count>\d+) requests in (?<time>[\d.]+)(?<unit>[ms])", RegexOptions.ExplicitCapture)]
    private static partial Regex Summary();
}
