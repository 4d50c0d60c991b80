// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Sealock.Acme.Solvers;

namespace Sealock.Acme.Keeping;

/// <summary>
/// The user's command that makes programs take a new certificate: a line for the shell, told the names and files in its
/// environment (NAMES, CERTIFICATE, KEY).
/// </summary>
internal static class Reload
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Runs it.</summary>
    /// <returns>Null where it succeeded, else what happened in one line.</returns>
    public static Task<string?> RunAsync(
        string command, KeptCertificate kept, IReadOnlyList<string> names, TimeProvider clock, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo("/bin/sh")
        {
            Environment =
            {
                ["NAMES"] = string.Join(' ', names),
                ["CERTIFICATE"] = Path.Combine(kept.Folder, KeptCertificate.ChainFile),
                ["KEY"] = Path.Combine(kept.Folder, KeptCertificate.KeyFile),
            },
        };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(command);
        return ProgramRun.RunAsync(start, "the reload command", Limit, clock, cancellationToken);
    }
}
