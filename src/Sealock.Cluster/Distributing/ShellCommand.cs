// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Sealock.Cluster.Distributing;

/// <summary>A program that runs a shell which reads its script from standard input: ssh, or a shell itself.</summary>
/// <param name="Program">The program; looked for on PATH where it has no slash.</param>
/// <param name="Arguments">Its arguments.</param>
public sealed record ShellCommand(string Program, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// The system's ssh to a node. Everything goes through the one connection's standard input rather than through scp:
    /// scp needs sftp on the node, cannot write as root where root may not log in, and would leave keys in the folder of
    /// the user who logs in.
    /// </summary>
    /// <param name="target">The node.</param>
    /// <param name="options">As for ssh's <c>-o</c>; they come first, so they win over those set here.</param>
    /// <param name="sudo">Whether to become root there, without a password.</param>
    /// <param name="program">The ssh program.</param>
    public static ShellCommand Ssh(SshTarget target, IReadOnlyList<string> options, bool sudo, string program = "ssh")
    {
        // Several nodes at once cannot ask for passwords. No terminal and no forwarding: the node gets nothing of ours.
        List<string> arguments = ["-T", "-a", "-x"];
        foreach (var option in options.Concat(
            ["BatchMode=yes", "ConnectTimeout=10", "ServerAliveInterval=10", "ServerAliveCountMax=3", "ClearAllForwardings=yes"]))
        {
            arguments.Add("-o");
            arguments.Add(option);
        }

        if (target.Port is { } port)
            arguments.AddRange(["-p", port.ToString(CultureInfo.InvariantCulture)]);
        if (target.User is { } user)
            arguments.AddRange(["-l", user]);
        arguments.AddRange(["--", target.Host, sudo ? "exec sudo -n /bin/sh -s" : "exec /bin/sh -s"]);
        return new ShellCommand(program, arguments);
    }
}
