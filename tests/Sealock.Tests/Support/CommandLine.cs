// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.Tests.Support;

/// <summary>Runs real programs as judges.</summary>
internal static class CommandLine
{
    /// <summary>Runs a program and answers what it printed, both streams together, once it has ended.</summary>
    /// <param name="program">Found on the path.</param>
    /// <param name="arguments">Separated by spaces.</param>
    /// <param name="input">What it reads; its input ends afterwards.</param>
    /// <param name="until">Keeps the input open until this has been printed; null closes it at once.</param>
    public static async Task<string> RunAsync(string program, string arguments, string input = "", string? until = null)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var printed = new System.Text.StringBuilder();
        var seen = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnLine(object sender, DataReceivedEventArgs args)
        {
            lock (printed)
                printed.AppendLine(args.Data);
            if (args.Data is null || until is null || args.Data.Contains(until, StringComparison.Ordinal))
                seen.TrySetResult();
        }

        process.OutputDataReceived += OnLine;
        process.ErrorDataReceived += OnLine;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.StandardInput.WriteAsync(input);
        await process.StandardInput.FlushAsync();
        if (until is not null)
            await Task.WhenAny(seen.Task, process.WaitForExitAsync());
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        lock (printed)
            return printed.ToString();
    }
}
