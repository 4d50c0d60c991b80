// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Sealock.Api.Selectors;

/// <summary>
/// A condition on an object's labels, in Kubernetes' two forms: the query text
/// <c>a=b,c!=d,e in (x,y),f notin (z),g,!h,i&gt;1</c> and the JSON object with <c>matchLabels</c> and
/// <c>matchExpressions</c> (<see cref="LabelSelectorObject"/>). Immutable.
/// </summary>
public sealed class LabelSelector
{
    /// <summary>The longest accepted text, in characters.</summary>
    public const int MaxLength = 32 * 1024;

    private readonly LabelRequirement[] _requirements;

    internal LabelSelector(IEnumerable<LabelRequirement> requirements, bool matchesNothing = false)
    {
        _requirements = [.. requirements.OrderBy(r => r.Key, StringComparer.Ordinal)];
        MatchesNothing = matchesNothing;
    }

    /// <summary>Matches every object.</summary>
    public static LabelSelector Everything { get; } = new([]);

    /// <summary>Matches no object.</summary>
    public static LabelSelector Nothing { get; } = new([], matchesNothing: true);

    /// <summary>The conditions, all of which must hold, ordered by key.</summary>
    public IReadOnlyList<LabelRequirement> Requirements => _requirements;

    /// <summary>True where nothing is selected away.</summary>
    public bool IsEverything => _requirements.Length == 0 && !MatchesNothing;

    /// <summary>True for <see cref="Nothing"/>.</summary>
    public bool MatchesNothing { get; }

    /// <summary>Reads the text form. The error is worded as kube-apiserver words it.</summary>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out LabelSelector? selector, [NotNullWhen(false)] out string? error)
    {
        selector = null;
        if (text.Length > MaxLength)
        {
            error = $"label selector is too long: must have at most {MaxLength} characters";
            return false;
        }

        var requirements = new LabelSelectorParser(text).Parse(out error);
        if (requirements is null)
        {
            error ??= "invalid label selector";
            return false;
        }

        selector = requirements.Count == 0 ? Everything : new(requirements);
        error = null;
        return true;
    }

    /// <summary>Reads the text form of a selector that the program itself wrote.</summary>
    /// <exception cref="FormatException">The text is not a label selector.</exception>
    public static LabelSelector Parse(string text) =>
        TryParse(text, out var selector, out var error) ? selector : throw new FormatException(error);

    /// <summary>Whether the labels fulfil every condition.</summary>
    public bool Matches(IReadOnlyDictionary<string, string> labels)
    {
        foreach (var requirement in _requirements)
        {
            if (!requirement.IsFulfilledBy(labels.TryGetValue(requirement.Key, out var value) ? value : null))
            {
                return false;
            }
        }

        return !MatchesNothing;
    }

    /// <summary>Whether the labels, a short list of pairs in any order, fulfil every condition. Allocates nothing.</summary>
    public bool Matches(ReadOnlySpan<KeyValuePair<string, string>> labels)
    {
        foreach (var requirement in _requirements)
        {
            string? value = null;
            foreach (ref readonly var label in labels)
            {
                if (string.Equals(label.Key, requirement.Key, StringComparison.Ordinal))
                {
                    value = label.Value;
                    break;
                }
            }

            if (!requirement.IsFulfilledBy(value))
            {
                return false;
            }
        }

        return !MatchesNothing;
    }

    /// <summary>The one value that the selector demands of a label, if it does.</summary>
    public bool TryGetExactValue(string key, [NotNullWhen(true)] out string? value)
    {
        var first = Array.Find(_requirements, r => string.Equals(r.Key, key, StringComparison.Ordinal));
        value = first is { Operator: LabelOperator.Equal or LabelOperator.DoubleEqual or LabelOperator.In, Values: [var only] }
            ? only : null;
        return value is not null;
    }

    /// <summary>The canonical text: requirements ordered by key, values sorted.</summary>
    public override string ToString() => string.Join(',', _requirements.AsEnumerable());
}
