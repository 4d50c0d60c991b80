// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text;

namespace Sealock.EndToEnd.Cluster;

/// <summary>A component of a cluster, running for as long as a test does.</summary>
internal sealed class ComponentProcess : IDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _log = new();

    public ComponentProcess(string program, IEnumerable<string> flags, string folder)
    {
        var start = new ProcessStartInfo(program, flags) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        _process = Process.Start(start) ?? throw new InvalidOperationException($"{program} did not start");
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, line) => Keep(line.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    /// <summary>What it printed so far.</summary>
    public string Log
    {
        get
        {
            lock (_log)
                return _log.ToString();
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }

    private void Keep(string? line)
    {
        lock (_log)
            _log.AppendLine(line);
    }
}
