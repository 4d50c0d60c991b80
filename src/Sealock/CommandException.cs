// SPDX-License-Identifier: Apache-2.0
namespace Sealock;

/// <summary>
/// A command cannot go on. The message says what is wrong and what to do about it; it is printed as it is, without a
/// stack trace. Exit code 1: something failed; 2: wrong usage.
/// </summary>
internal sealed class CommandException(string message, int exitCode = 1) : Exception(message)
{
    public int ExitCode { get; } = exitCode;

    /// <summary>Wrong usage: several mistakes, all told at once.</summary>
    public static CommandException Usage(IReadOnlyList<string> mistakes) => new(string.Join('\n', mistakes), 2);
}
