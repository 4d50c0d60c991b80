// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text;
using Sealock.Hosting;

namespace Sealock.Commands.FrontDoor;

/// <summary>Passwords come from a terminal or a file, never from the command line, where everybody on the machine sees them.</summary>
internal static class PasswordInput
{
    public static Option<string> Option(string name = "--password-file", string what = "the password") => new(name)
    {
        Description = $"file whose first line is {what}; - reads it from standard input (default: asks on the terminal)",
        HelpName = "FILE",
    };

    /// <summary>Reads a password.</summary>
    /// <param name="file">What the option says; null: it was not given.</param>
    /// <param name="prompt">What to ask on the terminal.</param>
    /// <param name="isNew">Whether it is chosen now, and so asked for twice.</param>
    /// <param name="option">The option.</param>
    /// <exception cref="CommandException">There is none.</exception>
    public static string Read(string? file, string prompt, bool isNew, string option = "--password-file")
    {
        if (file is not null)
            return FromFile(file, option);
        if (Console.IsInputRedirected)
            throw new CommandException($"there is no terminal to ask for the password; give {option} FILE, or - for standard input", 2);
        var password = Ask(prompt);
        if (isNew && Ask("Once more: ") != password)
            throw new CommandException("the two passwords differ; nothing was done");
        return password;
    }

    private static string FromFile(string file, string option)
    {
        try
        {
            var line = file == "-" ? Console.In.ReadLine() : File.ReadLines(file).FirstOrDefault();
            return line is { Length: > 0 } ? line : throw new CommandException($"{option}: {file} is empty", 2);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{option}: {PemFiles.Fault(file, error)}", 2);
        }
    }

    private static string Ask(string prompt)
    {
        Console.Error.Write(prompt);
        var typed = new StringBuilder();
        while (true)
        {
            var key = Console.ReadKey(intercept: true);
            if (key.Key == ConsoleKey.Enter)
                break;
            if (key.Key == ConsoleKey.Backspace)
                typed.Length = Math.Max(0, typed.Length - 1);
            else if (!char.IsControl(key.KeyChar))
                typed.Append(key.KeyChar);
        }

        Console.Error.WriteLine();
        return typed.ToString();
    }
}
