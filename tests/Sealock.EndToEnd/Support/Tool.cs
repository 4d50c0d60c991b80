// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.EndToEnd.Support;

/// <summary>What a program answered.</summary>
internal sealed record ToolResult(string Command, int ExitCode, string Output, string Errors)
{
    /// <summary>The output, if the program succeeded.</summary>
    public string Succeeded()
    {
        Assert.True(ExitCode == 0, $"{Command}\nexit code {ExitCode}\n{Output}\n{Errors}");
        return Output;
    }

    /// <summary>The output, if the program succeeded and wrote nothing to standard error.</summary>
    public string SucceededQuietly()
    {
        Succeeded();
        Assert.True(Errors.Length == 0, $"{Command}\nwrote to standard error: {Errors}");
        return Output;
    }

    /// <summary>Standard error, if the program failed.</summary>
    public string Failed()
    {
        Assert.True(ExitCode != 0, $"{Command}\nsucceeded with\n{Output}\n{Errors}");
        return Errors;
    }
}

/// <summary>Runs real programs.</summary>
internal static class Tool
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    /// <summary>Runs a program to its end.</summary>
    public static async Task<ToolResult> RunAsync(
        string program, IEnumerable<string> arguments, string? input = null, string? folder = null,
        IReadOnlyDictionary<string, string>? environment = null, TimeSpan? limit = null)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        foreach (var pair in environment ?? new Dictionary<string, string>())
            start.Environment[pair.Key] = pair.Value;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input ?? "");
        process.StandardInput.Close();
        using var timeout = new CancellationTokenSource(limit ?? Limit);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{program} {string.Join(' ', start.ArgumentList)} took longer than {limit ?? Limit}");
        }

        return new ToolResult($"{program} {string.Join(' ', start.ArgumentList)}", process.ExitCode, await output, await errors);
    }

    /// <summary>Runs lines of shell, stopping at the first that fails.</summary>
    public static Task<ToolResult> ShellAsync(string script, string? folder = null, IReadOnlyDictionary<string, string>? environment = null) =>
        RunAsync("bash", ["-euo", "pipefail", "-c", script], folder: folder, environment: environment);
}
