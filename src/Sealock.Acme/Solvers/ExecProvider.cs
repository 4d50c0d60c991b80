// SPDX-License-Identifier: Apache-2.0
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sealock.Acme.Solvers;

/// <summary>
/// Leaves the change of records to a program of the user's: <c>PROGRAM present|cleanup NAME. VALUE</c>, as lego's exec provider
/// calls it, with the same in the environment (SEALOCK_ACTION, SEALOCK_DOMAIN, SEALOCK_FQDN, SEALOCK_VALUE). It has done its
/// work when it ends with 0.
/// </summary>
/// <param name="program">The program; nothing of a shell is understood.</param>
/// <param name="clock">The clock.</param>
/// <param name="limit">How long it may take; then it is ended, with all it started. Null for two minutes.</param>
public sealed class ExecProvider(string program, TimeProvider clock, TimeSpan? limit = null) : IDnsProvider
{
    private const int LongestTold = 500;
    private readonly TimeSpan _limit = limit ?? TimeSpan.FromMinutes(2);

    /// <inheritdoc/>
    public Task<string?> AddAsync(TxtValue value, CancellationToken cancellationToken) => RunAsync("present", value, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> RemoveAsync(TxtValue value, CancellationToken cancellationToken) => RunAsync("cleanup", value, cancellationToken);

    private async Task<string?> RunAsync(string action, TxtValue value, CancellationToken cancellationToken)
    {
        var name = value.Name + ".";
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["SEALOCK_ACTION"] = action,
                ["SEALOCK_DOMAIN"] = value.Domain,
                ["SEALOCK_FQDN"] = name,
                ["SEALOCK_VALUE"] = value.Value,
            },
        };
        foreach (var argument in (ReadOnlySpan<string>)[action, name, value.Value])
            start.ArgumentList.Add(argument);
        using var timeout = new CancellationTokenSource(_limit, clock);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            using var process = Process.Start(start) ?? throw new Win32Exception("it does not start");
            process.StandardInput.Close();
            var last = new StringBuilder();
            process.OutputDataReceived += (_, line) => Keep(last, line.Data);
            process.ErrorDataReceived += (_, line) => Keep(last, line.Data);
            process.BeginOutputReadLine();
            process.BeginErrorReadLine();
            try
            {
                await process.WaitForExitAsync(stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                cancellationToken.ThrowIfCancellationRequested();
                return $"{program} {action} {name} did not end within {_limit.TotalSeconds:0} s{Told(last)}";
            }

            return process.ExitCode == 0 ? null : $"{program} {action} {name} ended with {process.ExitCode}{Told(last)}";
        }
        catch (Win32Exception error)
        {
            return $"{program} cannot be run: {error.Message}";
        }
    }

    private static void Keep(StringBuilder last, string? line)
    {
        if (line is null)
            return;
        lock (last)
        {
            last.Append(line.Length > LongestTold ? line[..LongestTold] : line).Append(' ');
            if (last.Length > LongestTold)
                last.Remove(0, last.Length - LongestTold);
        }
    }

    private static string Told(StringBuilder last)
    {
        lock (last)
            return last.Length == 0 ? "" : $": {last.ToString().Trim()}";
    }
}
