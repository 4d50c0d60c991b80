// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.Bench.Targets;

/// <summary>A program that runs until it is ended, its output in a file.</summary>
internal sealed class Daemon : IAsyncDisposable
{
    private readonly Process _process;

    private Daemon(Process process) => _process = process;

    public int Id => _process.Id;

    /// <summary>The processes that it has started itself, if any.</summary>
    public IEnumerable<int> Children => Directory.EnumerateDirectories($"/proc/{Id}/task")
        .SelectMany(task => File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(id => int.Parse(id, System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Whether a program is there to be started.</summary>
    public static bool IsThere(string program) => (Environment.GetEnvironmentVariable("PATH") + ":/usr/sbin")
        .Split(':').Any(folder => File.Exists(Path.Combine(folder, program)));

    /// <summary>Starts it; programs for administrators are found, whoever's path it is.</summary>
    public static Daemon Start(string log, string program, params IEnumerable<string> arguments) =>
        new(Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "PATH=$PATH:/usr/sbin exec \"$@\" >>\"$0\" 2>&1", log, program, .. arguments]))!);

    /// <summary>Asks it to end, and waits until it is gone.</summary>
    public async ValueTask DisposeAsync()
    {
        using (_process)
        {
            using (var kill = Process.Start("kill", [$"{_process.Id}"]))
                await kill.WaitForExitAsync();
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(15));
            try
            {
                await _process.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                _process.Kill();
            }
        }
    }
}
