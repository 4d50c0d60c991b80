// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Sealock.Bench;
using Sealock.Bench.Hostile;
using Sealock.Bench.Measuring;

if (args is [AttackProcess.Command, ..])
    return await AttackProcess.RunAsync(args);

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
if (!hasPeer && options.Scenarios.Count > 0)
    await Console.Error.WriteLineAsync("SEALOCK_KUBERNETES is not set: only Sealock is measured");

using var stop = new CancellationTokenSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
var folder = Directory.CreateTempSubdirectory("sealock-bench-").FullName;
var rows = new List<Row>();
IReadOnlyList<HostileRow> hostile = [];
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

    if (options.Attacks.Count > 0)
        hostile = await HostileRun.RunAsync(options.Attacks, options.Pace, options.Program, folder, Console.Error, stop.Token);
}
catch (OperationCanceledException) when (stop.IsCancellationRequested)
{
    await Console.Error.WriteLineAsync("stopped");
}
catch (Exception error) when (error is InvalidOperationException or IOException or TimeoutException)
{
    failed = true;
    await Console.Error.WriteLineAsync($"hostile: {error.Message}");
}
finally
{
    Directory.Delete(folder, recursive: true);
    if (rows.Count > 0 || hostile.Count == 0)
        Console.WriteLine(options.Format switch
        {
            "json" => Report.Json(rows),
            "markdown" => Report.Markdown(rows),
            _ => Report.Table(rows),
        });
    if (hostile.Count > 0)
        Console.WriteLine(options.Format switch
        {
            "json" => HostileReport.Json(hostile),
            "markdown" => HostileReport.Markdown(hostile),
            _ => HostileReport.Table(hostile),
        });
}

return failed || stop.IsCancellationRequested ? 1 : 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.Cancel();
}
