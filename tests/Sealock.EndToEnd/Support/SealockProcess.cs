// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Sealock.EndToEnd.Support;

/// <summary>The real program as a process of its own, serving.</summary>
internal sealed partial class SealockProcess : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private readonly Process _process;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private SealockProcess(Process process) => _process = process;

    /// <summary>The program under test, as it was built beside these tests.</summary>
    public static string Program { get; } = Path.GetFullPath(
        Path.Combine(AppContext.BaseDirectory, "..", "..", "Sealock", Path.GetFileName(AppContext.BaseDirectory.TrimEnd('/')), "sealock"));

    /// <summary>The port it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>Its address.</summary>
    public string Url => $"https://127.0.0.1:{Port}";

    /// <summary>Everything it printed so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public int ProcessId => _process.Id;

    /// <summary>Runs <c>sealock</c> with arguments that make it serve, and waits until it does.</summary>
    public static async Task<SealockProcess> StartAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        var process = Process.Start(start) ?? throw new InvalidOperationException("sealock did not start");
        var started = new SealockProcess(process);
        process.OutputDataReceived += (_, e) => started.Read(e.Data);
        process.ErrorDataReceived += (_, e) => started.Read(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var exit = process.WaitForExitAsync();
        var first = await Task.WhenAny(started._port.Task, exit).WaitAsync(StartLimit);
        if (first == exit)
            throw new InvalidOperationException($"sealock ended with {process.ExitCode}:\n{started.Log}");
        started.Port = await started._port.Task;
        return started;
    }

    /// <summary>Runs <c>sealock</c> and ends it as a power cut would, wherever in its start it is by then.</summary>
    public static async Task KillWhileStartingAsync(TimeSpan after, params string[] arguments) => Assert.False(
        await KillWhileRunningAsync(after, arguments), "sealock ended by itself while it started");

    /// <summary>Runs <c>sealock</c> and ends it as a power cut would; answers whether it had ended by itself.</summary>
    public static async Task<bool> KillWhileRunningAsync(TimeSpan after, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("sealock did not start");
        await Task.Delay(after, TimeProvider.System);
        var hadEnded = process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        return hadEnded;
    }

    /// <summary>Waits until it has printed something.</summary>
    public async Task WaitForLogAsync(string text)
    {
        using var limit = new CancellationTokenSource(StartLimit);
        while (!Log.Contains(text, StringComparison.Ordinal))
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, limit.Token);
    }

    /// <summary>Asks it to end, and gives its exit code.</summary>
    public async Task<int> StopAsync()
    {
        if (!_process.HasExited)
            (await Tool.RunAsync("kill", ["-TERM", $"{_process.Id}"])).Succeeded();
        await _process.WaitForExitAsync().WaitAsync(StartLimit);
        return _process.ExitCode;
    }

    /// <summary>Ends it as a power cut would.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await KillAsync();
        _process.Dispose();
    }

    [GeneratedRegex(@"https://127\.\d+\.\d+\.\d+:(\d+)\s*$")]
    private static partial Regex Address();

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_log)
            _log.AppendLine(line);
        if (Address().Match(line) is { Success: true } match)
            _port.TrySetResult(int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture));
    }
}
