// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Sealock.Bench;
using Sealock.Bench.Measuring;

Options options;
try
{
    options = Options.Parse(args);
}
catch (ArgumentException mistake)
{
    await Console.Error.WriteLineAsync(mistake.Message + "\n" + Options.Usage);
    return 2;
}

var hasPeer = Environment.GetEnvironmentVariable("SEALOCK_KUBERNETES") is { Length: > 0 };
if (!hasPeer)
    await Console.Error.WriteLineAsync("SEALOCK_KUBERNETES is not set: only Sealock is measured");

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var folder = Directory.CreateTempSubdirectory("sealock-bench-").FullName;
var rows = new List<Row>();
var failed = false;
try
{
    await using var laboratory = new Laboratory(options, folder, hasPeer, Console.Error);
    foreach (var scenario in options.Scenarios)
    {
        try
        {
            rows.AddRange(await laboratory.RunAsync(scenario, stop.Token));
        }
        catch (Exception error) when (error is InvalidOperationException or IOException or TimeoutException)
        {
            failed = true;
            await Console.Error.WriteLineAsync($"{scenario.Name}: {error.Message}");
        }
    }
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
}
finally
{
    Directory.Delete(folder, recursive: true);
    Console.WriteLine(options.Format switch
    {
        "json" => Report.Json(rows),
        "markdown" => Report.Markdown(rows),
        _ => Report.Table(rows),
    });
}

return failed || stop.IsCancellationRequested ? 1 : 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
