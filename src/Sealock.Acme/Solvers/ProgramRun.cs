// SPDX-License-Identifier: Apache-2.0
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sealock.Acme.Solvers;

/// <summary>Runs a program of the user's to its end, and keeps the end of what it printed.</summary>
internal static class ProgramRun
{
    private const int LongestTold = 500;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    /// <summary>Runs it, for at most a time; then it is ended, with all it started.</summary>
    /// <returns>Null where it ended with 0, else what happened, in one line that begins with <paramref name="name"/>.</returns>
    public static async Task<string?> RunAsync(ProcessStartInfo start, string name, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        (start.RedirectStandardInput, start.RedirectStandardOutput, start.RedirectStandardError) = (true, true, true);
        using var process = new Process { StartInfo = start, EnableRaisingEvents = true };
        var last = new StringBuilder();
        var openPipes = 2;
        var printed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.Exited += (_, _) => ended.TrySetResult();
        try
        {
            process.Start();
        }
        catch (Win32Exception error)
        {
            return $"{name} cannot be run: {new Win32Exception(error.NativeErrorCode).Message}";
        }

        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var timeout = new CancellationTokenSource(limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Not WaitForExitAsync: what the program leaves running keeps its pipes open.
            await ended.Task.WaitAsync(stop.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return $"{name} did not end within {limit.TotalSeconds:0} s{Told()}";
        }

        await Task.WhenAny(printed.Task, Task.Delay(LastWords, clock, cancellationToken));
        return process.ExitCode == 0 ? null : $"{name} ended with {process.ExitCode}{Told()}";

        void Keep(string? line)
        {
            if (line is null && Interlocked.Decrement(ref openPipes) == 0)
                printed.TrySetResult();
            if (string.IsNullOrWhiteSpace(line))
                return;
            lock (last)
            {
                last.Append(line.Length > LongestTold ? line[..LongestTold] : line).Append(' ');
                if (last.Length > LongestTold)
                    last.Remove(0, last.Length - LongestTold);
            }
        }

        string Told()
        {
            lock (last)
                return last.Length == 0 ? "" : $": {last.ToString().Trim()}";
        }
    }
}
