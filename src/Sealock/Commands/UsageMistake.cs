// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Sealock.Settings;

namespace Sealock.Commands;

/// <summary>What is wrong with a command line that could not be read.</summary>
internal static class UsageMistake
{
    /// <summary>
    /// A line for each mistake. Where words are not known it is the first of them alone, as what follows is mostly its values, and
    /// those may be secret.
    /// </summary>
    public static IEnumerable<string> LinesOf(ParseResult parsed) =>
        parsed.CommandResult.Command.TreatUnmatchedTokensAsErrors && parsed.UnmatchedTokens is [var word, ..]
            // A flag that is not known is taken for an argument where there may be one.
            ? [Unknown(parsed.CommandResult.Command, parsed.CommandResult.Tokens.Select(token => token.Value).FirstOrDefault(IsFlag) ?? word)]
            : parsed.Errors.Select(error => string.Join(' ', error.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));

    private static string Unknown(Command command, string word)
    {
        if (IsFlag(word))
        {
            // What follows is a value, as what follows the letter of a short flag.
            var name = word.StartsWith("--", StringComparison.Ordinal) ? word.Split('=', ':')[0] : word[..Math.Min(2, word.Length)];
            return $"{name}: is not a known flag" + Suggestion.For(name, FlagsOf(command));
        }

        return command.Subcommands.Count > 0
            ? $"{word}: is not a known command" + Suggestion.For(word, command.Subcommands.Select(one => one.Name))
            : "an argument too many is given";
    }

    private static bool IsFlag(string word) => word.StartsWith('-');

    private static IEnumerable<string> FlagsOf(Command command) => command.Options
        .Concat(command.Parents.OfType<Command>().SelectMany(parent => parent.Options).Where(option => option.Recursive))
        .Where(option => !option.Hidden)
        .Select(option => option.Name);
}
