// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.RegularExpressions;

namespace Sealock.Controllers.Approval.Expressions;

/// <summary>The functions and methods that expressions may use; everything else is refused when a policy is read.</summary>
internal static class CelFunctions
{
    private const int LongestText = 64 * 1024;
    private const string ServiceAccount = "system:serviceaccount:";

    /// <summary>A method of a value.</summary>
    /// <exception cref="FormatException">There is none of this name for such values and arguments.</exception>
    public static CelValue Method(CelValue on, string name, IReadOnlyList<CelValue> arguments) => (on.Type, name, arguments) switch
    {
        (CelType.Text, "startsWith", [{ Type: CelType.Text } one]) =>
            CelValue.Bool(scope => on.TextIn(scope).StartsWith(one.TextIn(scope), StringComparison.Ordinal)),
        (CelType.Text, "endsWith", [{ Type: CelType.Text } one]) =>
            CelValue.Bool(scope => on.TextIn(scope).EndsWith(one.TextIn(scope), StringComparison.Ordinal)),
        (CelType.Text, "contains", [{ Type: CelType.Text } one]) =>
            CelValue.Bool(scope => on.TextIn(scope).Contains(one.TextIn(scope), StringComparison.Ordinal)),
        (CelType.Text, "matches", [{ Literal: { } pattern }]) => Matches(on, CelPattern.Read(pattern)),
        (CelType.Text, "matches", [_]) => throw new FormatException("the pattern of matches must be a literal"),
        (CelType.Text, "lowerAscii", []) => CelValue.Text(scope => Lower(on.TextIn(scope))),
        (CelType.Text, "upperAscii", []) => CelValue.Text(scope => Upper(on.TextIn(scope))),
        (CelType.Text, "split", [{ Literal: { Length: > 0 } separator }]) =>
            CelValue.Texts(scope => on.TextIn(scope).Split(separator)),
        (CelType.Texts, "join", []) => CelValue.Text(scope => Bounded(string.Concat(on.TextsIn(scope)))),
        (CelType.Texts, "join", [{ Literal: { } separator }]) => CelValue.Text(scope => Bounded(string.Join(separator, on.TextsIn(scope)))),
        (_, "size", []) => Size(on),
        _ => throw new FormatException($"{name} is not understood here"),
    };

    /// <summary>A function.</summary>
    /// <exception cref="FormatException">There is none of this name for such arguments.</exception>
    public static CelValue Function(string name, IReadOnlyList<CelValue> arguments) => (name, arguments) switch
    {
        ("size", [var one]) => Size(one),
        ("serviceaccount.getName", [{ Type: CelType.Text } one]) => CelValue.Text(scope => Account(one.TextIn(scope)).Name),
        ("serviceaccount.getNamespace", [{ Type: CelType.Text } one]) => CelValue.Text(scope => Account(one.TextIn(scope)).Namespace),
        _ => throw new FormatException($"{name} is not understood here"),
    };

    /// <summary>Two strings, one after the other.</summary>
    public static CelValue Join(CelValue left, CelValue right) =>
        CelValue.Text(scope => Bounded(left.TextIn(scope) + right.TextIn(scope)));

    /// <summary>A format with <c>%s</c> and <c>%d</c>.</summary>
    /// <exception cref="FormatException">The format and its arguments do not fit.</exception>
    public static CelValue Format(string format, IReadOnlyList<CelValue> arguments)
    {
        var parts = new List<Func<CelScope, string>>();
        var (plain, next) = (new StringBuilder(), 0);
        for (var at = 0; at < format.Length; at++)
        {
            if (format[at] != '%')
            {
                plain.Append(format[at]);
                continue;
            }

            var verb = ++at < format.Length ? format[at] : ' ';
            if (verb == '%')
            {
                plain.Append('%');
                continue;
            }

            if (next == arguments.Count)
                throw new FormatException("format has more verbs than arguments");
            var argument = arguments[next++];
            var before = plain.ToString();
            plain.Clear();
            parts.Add((verb, argument.Type) switch
            {
                ('s', CelType.Text) => scope => before + argument.TextIn(scope),
                ('s' or 'd', CelType.Int) => scope => before + argument.IntIn(scope).ToString(System.Globalization.CultureInfo.InvariantCulture),
                _ => throw new FormatException($"%{verb} is not understood in format here"),
            });
        }

        if (next < arguments.Count)
            throw new FormatException("format has more arguments than verbs");
        var rest = plain.ToString();
        return CelValue.Text(scope => Bounded(string.Concat(parts.Select(part => part(scope))) + rest));
    }

    /// <summary>RE2 counts code points: what takes two places here is no text for a pattern.</summary>
    private static CelValue Matches(CelValue on, Regex pattern) => CelValue.Bool(scope => on.TextIn(scope) is var text && !text.Any(char.IsSurrogate)
        ? pattern.IsMatch(text) : throw new CelFaultException("a pattern is asked about a character beyond the first 65,536"));

    /// <summary>The size of a string counts its code points.</summary>
    private static CelValue Size(CelValue of) => of.Type switch
    {
        CelType.Text => CelValue.Int(scope => of.TextIn(scope).EnumerateRunes().Count()),
        CelType.Texts => CelValue.Int(scope => of.TextsIn(scope).Count),
        _ => throw new FormatException("only strings and lists have a size"),
    };

    private static (string Namespace, string Name) Account(string username) =>
        username.StartsWith(ServiceAccount, StringComparison.Ordinal)
            && username[ServiceAccount.Length..].Split(':') is [{ Length: > 0 } place, { Length: > 0 } name] ? (place, name) : ("", "");

    private static string Lower(string text) => string.Create(text.Length, text, (span, from) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsAsciiLetterUpper(from[i]) ? (char)(from[i] | 0x20) : from[i];
    });

    private static string Upper(string text) => string.Create(text.Length, text, (span, from) =>
    {
        for (var i = 0; i < span.Length; i++)
            span[i] = char.IsAsciiLetterLower(from[i]) ? (char)(from[i] & ~0x20) : from[i];
    });

    private static string Bounded(string text) => text.Length <= LongestText
        ? text : throw new CelFaultException($"a string of more than {LongestText} characters came to be");
}
