// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Controllers.Approval.Expressions;

/// <summary>What a part of an expression is worth.</summary>
internal enum CelType
{
    /// <summary>True or false.</summary>
    Bool,

    /// <summary>A whole number.</summary>
    Int,

    /// <summary>A string.</summary>
    Text,

    /// <summary>A list of strings.</summary>
    Texts,
}

/// <summary>What expressions are asked about: a value, and the request that it stands in.</summary>
/// <param name="Self">The value.</param>
/// <param name="Name">Name of the request.</param>
/// <param name="Namespace">Namespace of the request.</param>
/// <param name="Username">Who made the request.</param>
internal sealed record CelSubject(string Self, string Name, string Namespace, string Username);

/// <summary>Where an expression is evaluated: the subject, and the variables of the macros around.</summary>
internal sealed record CelScope(CelSubject Subject, CelScope? Outer = null, string Element = "")
{
    public string ElementAt(int depth)
    {
        var scope = this;
        for (; depth > 0; depth--)
            scope = scope.Outer!;
        return scope.Element;
    }
}

/// <summary>A part of an expression, its type known: how its value is had, and the string that it is, where it is a literal.</summary>
internal readonly record struct CelValue(CelType Type, Func<CelScope, object> Of, string? Literal = null)
{
    public static CelValue Bool(Func<CelScope, bool> of) => new(CelType.Bool, scope => of(scope));

    public static CelValue Int(Func<CelScope, long> of) => new(CelType.Int, scope => of(scope));

    public static CelValue Text(Func<CelScope, string> of) => new(CelType.Text, of);

    public static CelValue Texts(Func<CelScope, IReadOnlyList<string>> of) => new(CelType.Texts, of);

    public bool BoolIn(CelScope scope) => (bool)Of(scope);

    public long IntIn(CelScope scope) => (long)Of(scope);

    public string TextIn(CelScope scope) => (string)Of(scope);

    public IReadOnlyList<string> TextsIn(CelScope scope) => (IReadOnlyList<string>)Of(scope);
}
