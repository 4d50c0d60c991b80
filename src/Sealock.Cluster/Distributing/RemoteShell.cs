// SPDX-License-Identifier: Apache-2.0
using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sealock.Cluster.Distributing;

/// <summary>What a script on a node has answered.</summary>
/// <param name="ExitCode">The program's exit code; ssh's own failures are 255.</param>
/// <param name="Answers">The script's answers, without their marker.</param>
/// <param name="Errors">The last lines of standard error.</param>
/// <param name="TimedOut">Whether it was ended because it took too long.</param>
internal sealed record ShellResult(int ExitCode, IReadOnlyList<string> Answers, IReadOnlyList<string> Errors, bool TimedOut);

/// <summary>Runs scripts through a <see cref="ShellCommand"/>.</summary>
internal static class RemoteShell
{
    private const string Marker = "@sealock ";
    private const int MostAnswerCharacters = 64 << 20;
    private const int MostErrors = 20;
    private const int LongestLine = 16 * 1024;

    /// <summary>Runs a script to its end.</summary>
    /// <exception cref="DistributionException">The program could not be started.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled; the program has been ended.</exception>
    public static async Task<ShellResult> RunAsync(
        ShellCommand command, string script, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var process = Start(command);
        using var timeout = new CancellationTokenSource(limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var answers = new List<string>();
        var errors = new Queue<string>();
        var characters = 0;
        try
        {
            await Task.WhenAll(
                SendAsync(process, script, either.Token),
                ReadAsync(process.StandardOutput, line => Answer(process, answers, line, ref characters), either.Token),
                ReadAsync(process.StandardError, line => Error(errors, line), either.Token));
            await process.WaitForExitAsync(either.Token);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            Kill(process);
            return new ShellResult(-1, answers, [.. errors], TimedOut: true);
        }
        catch
        {
            Kill(process);
            throw;
        }

        return new ShellResult(process.ExitCode, answers, [.. errors], TimedOut: false);
    }

    private static Process Start(ShellCommand command)
    {
        var start = new ProcessStartInfo(command.Program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in command.Arguments)
            start.ArgumentList.Add(argument);
        try
        {
            return Process.Start(start) ?? throw new DistributionException($"{command.Program} could not be started");
        }
        catch (Win32Exception fault)
        {
            throw new DistributionException($"{command.Program} could not be started ({fault.Message}): install it (openssh-client)");
        }
    }

    private static async Task SendAsync(Process process, string script, CancellationToken cancellationToken)
    {
        try
        {
            await process.StandardInput.BaseStream.WriteAsync(Encoding.UTF8.GetBytes(script), cancellationToken);
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // It has ended before it had read everything; its exit code and messages tell why.
        }
    }

    private static async Task ReadAsync(TextReader reader, Action<string> take, CancellationToken cancellationToken)
    {
        var buffer = new char[4096];
        var line = new StringBuilder();
        while (await reader.ReadAsync(buffer.AsMemory(), cancellationToken) is var count and > 0)
        {
            foreach (var character in buffer.AsSpan(0, count))
            {
                if (character == '\n')
                {
                    take(line.ToString().TrimEnd('\r'));
                    line.Clear();
                }
                else if (line.Length < LongestLine)
                {
                    line.Append(character);
                }
            }
        }

        if (line.Length > 0)
            take(line.ToString());
    }

    private static void Answer(Process process, List<string> answers, string line, ref int characters)
    {
        // What a login shell's start-up files print is not ours.
        if (!line.StartsWith(Marker, StringComparison.Ordinal))
            return;
        characters += line.Length;
        if (characters > MostAnswerCharacters)
        {
            Kill(process); // or the others that wait for its end would wait on
            throw new DistributionException("the node answers without end; is it what you think it is?");
        }

        answers.Add(line[Marker.Length..]);
    }

    private static void Error(Queue<string> errors, string line)
    {
        if (string.IsNullOrWhiteSpace(line))
            return;
        errors.Enqueue(new string([.. line.Where(character => !char.IsControl(character)).Take(300)]));
        if (errors.Count > MostErrors)
            errors.Dequeue();
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
