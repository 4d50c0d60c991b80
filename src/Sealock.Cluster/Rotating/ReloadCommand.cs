// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Rotating;

/// <summary>What a reload command is told, as environment variables.</summary>
/// <param name="Node">The node (<c>NODE</c>; its address is <c>ADDRESS</c>).</param>
/// <param name="Names">The certificates and CAs that changed (<c>NAME</c>, with spaces between).</param>
/// <param name="Files">The files that changed, as they are called on the node (<c>FILES</c>, one a line).</param>
/// <param name="Folder">The node's file system here (<c>FOLDER</c>).</param>
public sealed record ReloadRequest(ClusterNode Node, IReadOnlyList<string> Names, IReadOnlyList<string> Files, string Folder);

/// <summary>
/// The user's command that makes a node's programs take new files: it may copy them there first. It runs in a shell and
/// succeeds with exit code 0; running it twice must do no harm, since after a crash it is run again.
/// </summary>
/// <param name="Command">The line for <c>/bin/sh -c</c>.</param>
public sealed record ReloadCommand(string Command)
{
    private const int KeptOutput = 2000;
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    /// <summary>How long it may take.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Runs it. Its output goes line by line to <paramref name="progress"/>.</summary>
    /// <returns>Null where it succeeded, else what happened in plain words.</returns>
    public async Task<string?> RunAsync(ReloadRequest request, Action<string> progress, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(Command);
        start.Environment["NODE"] = request.Node.Name;
        start.Environment["ADDRESS"] = request.Node.Address.ToString();
        start.Environment["NAME"] = string.Join(' ', request.Names);
        start.Environment["FILES"] = string.Join('\n', request.Files);
        start.Environment["FOLDER"] = request.Folder;
        using var process = Process.Start(start) ?? throw new InvalidOperationException("/bin/sh did not start");
        process.StandardInput.Close();
        var last = "";
        var openPipes = 2;
        var printed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Tell(string? line)
        {
            if (line is null && Interlocked.Decrement(ref openPipes) == 0)
                printed.TrySetResult();
            if (string.IsNullOrWhiteSpace(line))
                return;
            last = line.Length > KeptOutput ? line[..KeptOutput] : line;
            progress($"  {request.Node}: {last}");
        }

        process.OutputDataReceived += (_, e) => Tell(e.Data);
        process.ErrorDataReceived += (_, e) => Tell(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        // A program that the command leaves running keeps the pipes open, so the shell's own end is waited for, and what
        // it printed only for a moment.
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ended.TrySetResult();
        if (process.HasExited)
            ended.TrySetResult();
        try
        {
            await ended.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            return $"the reload command did not end within {Limit.TotalMinutes:0} minutes";
        }

        await Task.WhenAny(printed.Task, Task.Delay(LastWords, clock, cancellationToken));
        return process.ExitCode == 0 ? null
            : $"the reload command ended with {process.ExitCode}{(last.Length > 0 ? $" ({last})" : "")}";
    }
}
