// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Distributing;

/// <summary>Says in one line why a script on a node did not come to its end, and what to do. Pure.</summary>
internal static class ShellFailure
{
    private static readonly (string Part, string Meaning)[] Known =
    [
        ("Host key verification failed", "the node's host key is not known or has changed: compare it and connect once by hand (ssh NODE)"),
        ("REMOTE HOST IDENTIFICATION HAS CHANGED", "the node's host key has changed: find out why before you remove the old one (ssh-keygen -R)"),
        ("Permission denied (", "ssh may not log in without a password: install your key there (ssh-copy-id), or name another --user"),
        ("Too many authentication failures", "ssh offers too many keys: name one (--ssh-option IdentityFile=FILE --ssh-option IdentitiesOnly=yes)"),
        ("password is required", "sudo asks for a password there: allow it without one (NOPASSWD), or log in as root"),
        ("sudo: not found", "there is no sudo there: log in as root instead"),
        ("No space left on device", "the disk is full: make room there"),
        ("Disk quota exceeded", "the disk quota is used up: make room there"),
        ("Read-only file system", "the file system is read-only: remount it"),
    ];

    public static string Explain(ShellResult result)
    {
        if (result.TimedOut)
            return "it took too long: is the node overloaded? (--timeout)";
        var told = result.Answers.Select(answer => answer.Split(' ', 2))
            .LastOrDefault(answer => answer is ["failed" or "undone" or "unfinished", _]) is [_, var text] ? text : null;
        var error = result.Errors.LastOrDefault(line => Known.Any(known => line.Contains(known.Part, StringComparison.Ordinal)))
            ?? result.Errors.LastOrDefault(line => !line.StartsWith("Warning: Permanently added", StringComparison.Ordinal));
        var meaning = Known.FirstOrDefault(known => error?.Contains(known.Part, StringComparison.Ordinal) == true).Meaning;
        if (told is not null)
            return meaning is null ? told : $"{meaning} ({told})";
        if (result.ExitCode == 255)
            return meaning ?? (error?.StartsWith("ssh: ", StringComparison.Ordinal) == true ? error : $"ssh: {error ?? "the connection broke"}");
        return meaning ?? error ?? $"the connection broke or the shell there ended early (exit code {result.ExitCode})";
    }
}
