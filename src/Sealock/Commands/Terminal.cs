// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Commands;

/// <summary>What standard output goes to.</summary>
/// <param name="Width">Columns of a line; no limit where it is no terminal.</param>
/// <param name="Colours">Whether colours are wanted: on a terminal, and not with NO_COLOR.</param>
internal readonly record struct Terminal(int Width, bool Colours)
{
    private const int Narrowest = 60;

    public const string Red = "31";
    public const string Green = "32";
    public const string Yellow = "33";
    public const string Bold = "1";
    public const string Dim = "2";

    /// <summary>The terminal of this process.</summary>
    public static Terminal Current()
    {
        if (Console.IsOutputRedirected)
            return new(int.MaxValue, false);
        return new(Math.Max(Console.WindowWidth, Narrowest), string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));
    }

    /// <summary>The text in a colour, where colours are wanted.</summary>
    public string Paint(string text, string? colour) => Colours && colour is not null ? $"\e[{colour}m{text}\e[0m" : text;
}
