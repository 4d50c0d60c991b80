// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Selectors;

/// <summary>How a requirement compares a label with its values.</summary>
public enum LabelOperator
{
    /// <summary><c>key=value</c></summary>
    Equal,

    /// <summary><c>key==value</c>; means the same as <see cref="Equal"/> and prints as it was written.</summary>
    DoubleEqual,

    /// <summary><c>key!=value</c>; an absent label matches.</summary>
    NotEqual,

    /// <summary><c>key in (a,b)</c></summary>
    In,

    /// <summary><c>key notin (a,b)</c>; an absent label matches.</summary>
    NotIn,

    /// <summary><c>key</c></summary>
    Exists,

    /// <summary><c>!key</c></summary>
    DoesNotExist,

    /// <summary><c>key&gt;1</c>, both as 64-bit integers.</summary>
    GreaterThan,

    /// <summary><c>key&lt;1</c>, both as 64-bit integers.</summary>
    LessThan,
}
