// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Sealock.Tests.Support;

/// <summary>The real <c>openssl</c> in a folder of its own that is deleted afterwards.</summary>
internal sealed class OpenSsl : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("sealock-openssl-").FullName;

    public string PathOf(string name) => Path.Combine(Folder, name);

    public string Read(string name) => File.ReadAllText(PathOf(name));

    public string Write(string name, string content)
    {
        File.WriteAllText(PathOf(name), content);
        return name;
    }

    /// <summary>Runs one command line (split at spaces) and returns what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed.</exception>
    public string Run(string commandLine)
    {
        var (exitCode, output) = TryRun(commandLine);
        return exitCode == 0 ? output : throw new InvalidOperationException($"openssl {commandLine}: {output}");
    }

    /// <summary>Runs one command line, whatever its outcome.</summary>
    public (int ExitCode, string Output) TryRun(string commandLine)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", commandLine.Split(' '))
        {
            WorkingDirectory = Folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        }) ?? throw new InvalidOperationException("openssl did not start");
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + errors.GetAwaiter().GetResult());
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
