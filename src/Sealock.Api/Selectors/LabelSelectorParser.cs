// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;

namespace Sealock.Api.Selectors;

/// <summary>
/// The grammar of label selectors. The token rules and the wording of errors are apimachinery's, with its oddities:
/// <c>in</c> and <c>notin</c> are values where a value is due, <c>x in (,a)</c> holds the empty value, and an operator
/// runs as long as its characters form one.
/// </summary>
internal sealed class LabelSelectorParser(string text)
{
    private readonly List<LabelToken> _tokens = LabelToken.Scan(text);
    private int _position;
    private string? _error;

    /// <summary>The requirements, or null and what is wrong.</summary>
    public List<LabelRequirement>? Parse(out string? error)
    {
        var requirements = ParseAll();
        error = _error;
        return _error is null ? requirements : null;
    }

    private List<LabelRequirement>? ParseAll()
    {
        List<LabelRequirement> requirements = [];
        while (true)
        {
            var token = Peek();
            switch (token.Kind)
            {
                case LabelTokenKind.End:
                    return requirements;
                case LabelTokenKind.Identifier or LabelTokenKind.Not:
                    break;
                default:
                    Fail($"found '{token.Text}', expected: !, identifier, or 'end of string'");
                    return null;
            }

            if (ParseRequirement() is not { } requirement)
            {
                _error = "unable to parse requirement: " + _error;
                return null;
            }

            requirements.Add(requirement);
            var separator = Next();
            switch (separator.Kind)
            {
                case LabelTokenKind.End:
                    return requirements;
                case LabelTokenKind.Comma when Peek().Kind is LabelTokenKind.Identifier or LabelTokenKind.Not:
                    break;
                case LabelTokenKind.Comma:
                    Fail($"found '{Peek().Text}', expected: identifier after ','");
                    return null;
                default:
                    Fail($"found '{separator.Text}', expected: ',' or 'end of string'");
                    return null;
            }
        }
    }

    private LabelRequirement? ParseRequirement()
    {
        var token = Next();
        var absent = token.Kind is LabelTokenKind.Not;
        if (absent)
        {
            token = Next();
        }

        if (token.Kind is not LabelTokenKind.Identifier)
        {
            return Fail($"found '{token.Text}', expected: identifier");
        }

        var key = token.Text;
        if (NameRules.LabelKey(key) is { Count: > 0 } wrong)
        {
            return Fail(default(FieldPath).Invalid(key, string.Join("; ", wrong)).ToString());
        }

        if (absent)
        {
            return Create(key, LabelOperator.DoesNotExist, []);
        }

        if (Peek().Kind is LabelTokenKind.End or LabelTokenKind.Comma)
        {
            return Create(key, LabelOperator.Exists, []);
        }

        var word = _tokens[_position++];
        LabelOperator? op = word.Kind switch
        {
            LabelTokenKind.In => LabelOperator.In,
            LabelTokenKind.NotIn => LabelOperator.NotIn,
            LabelTokenKind.Equal => LabelOperator.Equal,
            LabelTokenKind.DoubleEqual => LabelOperator.DoubleEqual,
            LabelTokenKind.NotEqual => LabelOperator.NotEqual,
            LabelTokenKind.Greater => LabelOperator.GreaterThan,
            LabelTokenKind.Less => LabelOperator.LessThan,
            _ => null,
        };
        if (op is null)
        {
            return Fail($"found '{word.Text}', expected: in, notin, =, ==, !=, gt, lt");
        }

        var values = op is LabelOperator.In or LabelOperator.NotIn ? ParseValues() : ParseExactValue();
        return values is null ? null : Create(key, op.Value, values);
    }

    private List<string>? ParseValues()
    {
        var open = Next();
        if (open.Kind is not LabelTokenKind.Open)
        {
            Fail($"found '{open.Text}' expected: '('");
            return null;
        }

        var first = Peek();
        switch (first.Kind)
        {
            case LabelTokenKind.Close:
                Next();
                return [""];
            case LabelTokenKind.Identifier or LabelTokenKind.Comma:
                return ParseIdentifiers();
            default:
                Fail($"found '{first.Text}', expected: ',', ')' or identifier");
                return null;
        }
    }

    private List<string>? ParseIdentifiers()
    {
        List<string> values = [];
        while (true)
        {
            var token = Next();
            switch (token.Kind)
            {
                case LabelTokenKind.Identifier:
                    values.Add(token.Text);
                    if (Peek().Kind is LabelTokenKind.Close)
                    {
                        Next();
                        return values;
                    }

                    if (Peek().Kind is not LabelTokenKind.Comma)
                    {
                        Fail($"found '{Peek().Text}', expected: ',' or ')'");
                        return null;
                    }

                    break;
                case LabelTokenKind.Comma:
                    if (values.Count == 0 || Peek().Kind is LabelTokenKind.Comma)
                    {
                        values.Add("");
                    }

                    if (Peek().Kind is LabelTokenKind.Close)
                    {
                        Next();
                        values.Add("");
                        return values;
                    }

                    break;
                default:
                    Fail($"found '{token.Text}', expected: ',', or identifier");
                    return null;
            }
        }
    }

    private List<string>? ParseExactValue()
    {
        if (Peek().Kind is LabelTokenKind.End or LabelTokenKind.Comma)
        {
            return [""];
        }

        var token = Next();
        if (token.Kind is LabelTokenKind.Identifier)
        {
            return [token.Text];
        }

        Fail($"found '{token.Text}', expected: identifier");
        return null;
    }

    private LabelRequirement? Create(string key, LabelOperator op, List<string> values)
    {
        var requirement = LabelRequirement.Create(key, op, values, out var errors);
        return requirement ?? Fail(FieldError.Join(errors));
    }

    private LabelRequirement? Fail(string message)
    {
        _error ??= message;
        return null;
    }

    // `in` and `notin` count as words everywhere but in the operator's place.
    private LabelToken Peek() => AsValue(_tokens[Math.Min(_position, _tokens.Count - 1)]);

    private LabelToken Next()
    {
        var token = Peek();
        _position++;
        return token;
    }

    private static LabelToken AsValue(LabelToken token) =>
        token.Kind is LabelTokenKind.In or LabelTokenKind.NotIn ? token with { Kind = LabelTokenKind.Identifier } : token;
}
