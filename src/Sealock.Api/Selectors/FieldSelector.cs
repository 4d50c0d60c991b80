// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Sealock.Api.Selectors;

/// <summary>One condition of a field selector: the field has, or has not, the value. An absent field has "".</summary>
public readonly record struct FieldRequirement(string Field, bool IsEqual, string Value)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}{(IsEqual ? "=" : "!=")}{FieldSelector.Escape(Value)}";
}

/// <summary>
/// A condition on an object's selectable fields, <c>metadata.name=x,spec.signerName!=y</c>; in values, a backslash
/// escapes backslash, comma and equals sign. Immutable.
/// </summary>
public sealed class FieldSelector
{
    /// <summary>The longest accepted text, in characters.</summary>
    public const int MaxLength = 32 * 1024;

    private readonly FieldRequirement[] _requirements;

    private FieldSelector(FieldRequirement[] requirements) => _requirements = requirements;

    /// <summary>Matches every object.</summary>
    public static FieldSelector Everything { get; } = new([]);

    /// <summary>The conditions, all of which must hold.</summary>
    public IReadOnlyList<FieldRequirement> Requirements => _requirements;

    /// <summary>True where nothing is selected away.</summary>
    public bool IsEverything => _requirements.Length == 0;

    /// <summary>The selector for one object's name.</summary>
    public static FieldSelector ForName(string name) => new([new("metadata.name", true, name)]);

    /// <summary>Reads the text form. The error is worded as kube-apiserver words it.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out FieldSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = null;
        error = null;
        if (text.Length > MaxLength)
        {
            error = $"field selector is too long: must have at most {MaxLength} characters";
            return false;
        }

        List<FieldRequirement> requirements = [];
        foreach (var term in SplitTerms(text).Where(t => t.Length > 0).Order(StringComparer.Ordinal))
        {
            var at = term.AsSpan().IndexOf('=');
            if (at < 0)
            {
                error = $"invalid selector: '{text}'; can't understand '{term}'";
                return false;
            }

            var isEqual = at == 0 || term[at - 1] != '!';
            var value = term[(at + 1)..];
            if (isEqual && value.StartsWith('='))
            {
                value = value[1..];
            }

            if (Unescape(value, out error) is not { } unescaped)
            {
                error ??= "invalid field selector";
                return false;
            }

            requirements.Add(new(term[..(isEqual ? at : at - 1)], isEqual, unescaped));
        }

        selector = requirements.Count == 0 ? Everything : new([.. requirements]);
        return true;
    }

    /// <summary>Reads the text form of a selector that the program itself wrote.</summary>
    /// <exception cref="FormatException">The text is not a field selector.</exception>
    public static FieldSelector Parse(string text) =>
        TryParse(text, out var selector, out var error) ? selector : throw new FormatException(error);

    /// <summary>The first field that <paramref name="isSupported"/> does not know, or null.</summary>
    public string? FirstUnsupported(Func<string, bool> isSupported)
    {
        foreach (var requirement in _requirements)
        {
            if (!isSupported(requirement.Field))
            {
                return requirement.Field;
            }
        }

        return null;
    }

    /// <summary>Whether the fields fulfil every condition.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> fields)
    {
        foreach (var requirement in _requirements)
        {
            var value = fields.TryGetValue(requirement.Field, out var found) ? found : "";
            if (string.Equals(value, requirement.Value, StringComparison.Ordinal) != requirement.IsEqual)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the fields, a short list of pairs in any order, fulfil every condition. Allocates nothing.</summary>
    public bool Matches(ReadOnlySpan<KeyValuePair<string, string>> fields)
    {
        foreach (var requirement in _requirements)
        {
            var value = "";
            foreach (ref readonly var field in fields)
            {
                if (string.Equals(field.Key, requirement.Field, StringComparison.Ordinal))
                {
                    value = field.Value;
                    break;
                }
            }

            if (string.Equals(value, requirement.Value, StringComparison.Ordinal) != requirement.IsEqual)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The one value that the selector demands of a field, if it does.</summary>
    public bool TryGetExactValue(string field, [NotNullWhen(true)] out string? value)
    {
        foreach (var requirement in _requirements)
        {
            if (requirement.IsEqual && string.Equals(requirement.Field, field, StringComparison.Ordinal))
            {
                value = requirement.Value;
                return true;
            }
        }

        value = null;
        return false;
    }

    /// <summary>The canonical text.</summary>
    public override string ToString() => string.Join(',', _requirements);

    /// <summary>A value as it is written in a selector.</summary>
    public static string Escape(string value) => value.Replace("\\", "\\\\", StringComparison.Ordinal)
        .Replace(",", "\\,", StringComparison.Ordinal).Replace("=", "\\=", StringComparison.Ordinal);

    private static IEnumerable<string> SplitTerms(string text)
    {
        var start = 0;
        for (var i = 0; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '\\':
                    i++;
                    break;
                case ',':
                    yield return text[start..i];
                    start = i + 1;
                    break;
            }
        }

        yield return text[start..];
    }

    private static string? Unescape(string value, out string? error)
    {
        error = null;
        var builder = new StringBuilder(value.Length);
        for (var i = 0; i < value.Length; i++)
        {
            var c = value[i];
            if (c == '\\')
            {
                if (i + 1 < value.Length && value[i + 1] is '\\' or ',' or '=')
                {
                    builder.Append(value[++i]);
                    continue;
                }

                var rest = i + 1 < value.Length ? value.Substring(i + 1, 1) : "";
                error = $"invalid field selector: invalid escape sequence: \\{rest}";
                return null;
            }

            if (c is ',' or '=')
            {
                // apimachinery prints the rune's number here
                error = $"invalid field selector: unescaped character in value: {(int)c}";
                return null;
            }

            builder.Append(c);
        }

        return builder.ToString();
    }
}
