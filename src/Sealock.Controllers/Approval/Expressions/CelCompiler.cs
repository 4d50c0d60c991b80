// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Approval.Expressions;

/// <summary>
/// Reads the part of CEL (the Common Expression Language) that rules about names are made of: strings, whole numbers, lists of
/// strings, comparisons, logic, and the functions of <see cref="CelFunctions"/>. Types are checked while reading, so that a
/// rule that is understood can be evaluated.
/// </summary>
internal sealed class CelCompiler(IReadOnlyList<CelToken> tokens)
{
    private const int Deepest = 40;

    private readonly List<string> _variables = [];
    private int _at;
    private int _depth;

    private CelToken Current => tokens[_at];

    /// <summary>The whole expression, which must be true or false.</summary>
    /// <exception cref="FormatException">Something is not understood; the message says what.</exception>
    public CelValue ReadAll()
    {
        var value = Expression();
        if (Current.Kind != CelTokenKind.End)
            throw new FormatException($"{Current.Text} is not expected there");
        return Want(value, CelType.Bool, "a rule must be true or false");
    }

    private CelValue Expression()
    {
        if (++_depth > Deepest)
            throw new FormatException($"it is nested more than {Deepest} deep");
        var value = Or();
        if (Take("?"))
        {
            var condition = Want(value, CelType.Bool, "before ? stands true or false");
            var (yes, no) = (Expression(), Take(":") ? Expression() : throw new FormatException(": is missing after ?"));
            if (yes.Type != no.Type)
                throw new FormatException("both sides of : must be of one type");
            value = new(yes.Type, scope => condition.BoolIn(scope) ? yes.Of(scope) : no.Of(scope));
        }

        _depth--;
        return value;
    }

    private CelValue Or()
    {
        var value = And();
        while (Take("||"))
        {
            var (left, right) = (Logic(value), Logic(And()));
            value = CelValue.Bool(scope => left.BoolIn(scope) || right.BoolIn(scope));
        }

        return value;
    }

    private CelValue And()
    {
        var value = Relation();
        while (Take("&&"))
        {
            var (left, right) = (Logic(value), Logic(Relation()));
            value = CelValue.Bool(scope => left.BoolIn(scope) && right.BoolIn(scope));
        }

        return value;
    }

    private CelValue Relation()
    {
        var left = Sum();
        if (Current is { Kind: CelTokenKind.Name, Text: "in" })
        {
            _at++;
            var item = Want(left, CelType.Text, "before in stands a string");
            var list = Want(Sum(), CelType.Texts, "after in stands a list of strings");
            return CelValue.Bool(scope => list.TextsIn(scope).Contains(item.TextIn(scope), StringComparer.Ordinal));
        }

        if (Current.Kind != CelTokenKind.Sign || Current.Text is not ("==" or "!=" or "<" or "<=" or ">" or ">="))
            return left;
        var sign = tokens[_at++].Text;
        var right = Sum();
        if (left.Type != right.Type || left.Type == CelType.Texts)
            throw new FormatException($"both sides of {sign} must be strings, numbers, or true and false");
        if (sign is "==" or "!=")
            return CelValue.Bool(scope => left.Of(scope).Equals(right.Of(scope)) == (sign == "=="));
        if (left.Type != CelType.Int)
            throw new FormatException($"both sides of {sign} must be numbers");
        return CelValue.Bool(scope => (sign, Math.Sign(left.IntIn(scope).CompareTo(right.IntIn(scope)))) is
            ("<", -1) or ("<=", -1 or 0) or (">", 1) or (">=", 1 or 0));
    }

    private CelValue Sum()
    {
        var value = Unary();
        while (Current is { Kind: CelTokenKind.Sign, Text: "+" or "-" })
        {
            var sign = tokens[_at++].Text;
            var (left, right) = (value, Unary());
            value = (left.Type, right.Type, sign) switch
            {
                (CelType.Text, CelType.Text, "+") => CelFunctions.Join(left, right),
                (CelType.Int, CelType.Int, "+") => CelValue.Int(scope => checked(left.IntIn(scope) + right.IntIn(scope))),
                (CelType.Int, CelType.Int, "-") => CelValue.Int(scope => checked(left.IntIn(scope) - right.IntIn(scope))),
                _ => throw new FormatException($"{sign} joins two strings or adds two numbers"),
            };
        }

        return value;
    }

    private CelValue Unary()
    {
        if (Take("!"))
        {
            if (++_depth > Deepest)
                throw new FormatException($"it is nested more than {Deepest} deep");
            var value = Logic(Unary());
            _depth--;
            return CelValue.Bool(scope => !value.BoolIn(scope));
        }

        return Member();
    }

    private CelValue Member()
    {
        var value = Primary();
        while (Take("."))
        {
            var name = Name();
            if (!Take("("))
                throw new FormatException($"{name} is not understood here");
            value = name switch
            {
                "exists" or "all" or "exists_one" => Macro(value, name),
                "format" when value.Literal is { } format => Formatted(format),
                _ => CelFunctions.Method(value, name, Arguments(")")),
            };
        }

        return value;
    }

    private CelValue Macro(CelValue on, string name)
    {
        var list = Want(on, CelType.Texts, $"{name} asks about a list of strings");
        _variables.Add(Name());
        Expect(",");
        var each = Logic(Expression());
        Expect(")");
        _variables.RemoveAt(_variables.Count - 1);
        return CelValue.Bool(scope =>
        {
            var count = list.TextsIn(scope).Count(item => each.BoolIn(new CelScope(scope.Subject, scope, item)));
            return name switch
            {
                "exists" => count > 0,
                "all" => count == list.TextsIn(scope).Count,
                _ => count == 1,
            };
        });
    }

    private CelValue Formatted(string format)
    {
        Expect("[");
        var arguments = Arguments("]");
        Expect(")");
        return CelFunctions.Format(format, arguments);
    }

    private CelValue Primary()
    {
        var token = tokens[_at++];
        switch (token.Kind)
        {
            case CelTokenKind.Text:
                return CelValue.Text(_ => token.Text) with { Literal = token.Text };
            case CelTokenKind.Number:
                return CelValue.Int(_ => token.Number);
            case CelTokenKind.Sign when token.Text == "-" && Current.Kind == CelTokenKind.Number:
                var number = tokens[_at++].Number;
                return CelValue.Int(_ => -number);
            case CelTokenKind.Sign when token.Text == "(":
                var inner = Expression();
                Expect(")");
                return inner;
            case CelTokenKind.Sign when token.Text == "[":
                var items = Arguments("]");
                if (items.Any(item => item.Type != CelType.Text))
                    throw new FormatException("only lists of strings are understood");
                return CelValue.Texts(scope => [.. items.Select(item => item.TextIn(scope))]);
            case CelTokenKind.Name:
                return Named(token.Text);
            default:
                throw new FormatException($"{token.Text} is not expected there");
        }
    }

    private CelValue Named(string name)
    {
        // The innermost variable of a name counts.
        var index = _variables.LastIndexOf(name);
        if (index >= 0)
        {
            var level = index + 1;
            return CelValue.Text(scope => scope.ElementAt(LevelOf(scope) - level));
        }

        switch (name)
        {
            case "true" or "false":
                return CelValue.Bool(_ => name == "true");
            case "self":
                return CelValue.Text(scope => scope.Subject.Self);
            case "cr" when Take("."):
                return Name() switch
                {
                    "name" => CelValue.Text(scope => scope.Subject.Name),
                    "namespace" => CelValue.Text(scope => scope.Subject.Namespace),
                    "username" => CelValue.Text(scope => scope.Subject.Username is { Length: > 0 } username
                        ? username : throw new CelFaultException("who made the request is not known")),
                    var other => throw new FormatException($"cr has no {other}: there are name, namespace and username"),
                };
            case "serviceaccount" when Take("."):
                name += "." + Name();
                break;
        }

        return Take("(") ? CelFunctions.Function(name, Arguments(")")) : throw new FormatException($"{name} is not understood here");
    }

    private static int LevelOf(CelScope scope)
    {
        var level = 0;
        for (var outer = scope.Outer; outer is not null; outer = outer.Outer)
            level++;
        return level;
    }

    private List<CelValue> Arguments(string end)
    {
        var arguments = new List<CelValue>();
        if (Take(end))
            return arguments;
        do
            arguments.Add(Expression());
        while (Take(","));
        Expect(end);
        return arguments;
    }

    private string Name() => Current.Kind == CelTokenKind.Name
        ? tokens[_at++].Text : throw new FormatException($"{Current.Text} is not expected there, but a name");

    private bool Take(string sign)
    {
        if (Current.Kind != CelTokenKind.Sign || Current.Text != sign)
            return false;
        _at++;
        return true;
    }

    private void Expect(string sign)
    {
        if (!Take(sign))
            throw new FormatException($"{Current.Text} is not expected there, but {sign}");
    }

    private static CelValue Logic(CelValue value) => Want(value, CelType.Bool, "!, && and || join what is true or false");

    private static CelValue Want(CelValue value, CelType type, string problem) =>
        value.Type == type ? value : throw new FormatException(problem);
}
