// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Gateway.Authorization;

/// <summary>
/// One rule of a role (rbac.authorization.k8s.io/v1 PolicyRule): verbs on resources, or verbs on URL paths.
/// </summary>
public sealed record PolicyRule
{
    /// <summary>Stands for every verb, group, resource or path.</summary>
    public const string Any = "*";

    /// <summary>Verbs; <c>*</c> is any.</summary>
    public ImmutableArray<string> Verbs { get; init; } = [];

    /// <summary>API groups; the core group is empty, <c>*</c> is any.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>Resources as <c>plural</c>, <c>plural/subresource</c>, <c>*/subresource</c> or <c>*</c>.</summary>
    public ImmutableArray<string> Resources { get; init; } = [];

    /// <summary>Object names; empty means all.</summary>
    public ImmutableArray<string> ResourceNames { get; init; } = [];

    /// <summary>URL paths: exact, <c>*</c>, or ending in <c>*</c>.</summary>
    public ImmutableArray<string> Paths { get; init; } = [];

    /// <summary>
    /// A rule on resources, written as words apart by single spaces; an empty group is the core group, no names are all.
    /// </summary>
    internal static PolicyRule Rule(string verbs, string groups, string resources, string names = "") => new()
    {
        Verbs = Words(verbs),
        Groups = Words(groups),
        Resources = Words(resources),
        ResourceNames = names.Length == 0 ? [] : Words(names),
    };

    /// <summary>Whether a question whose resource is known to match is answered by this rule.</summary>
    internal bool AllowsOnResource(string verb, string group, string name) =>
        HasOrAny(Verbs, verb) && HasOrAny(Groups, group) && (ResourceNames.Length == 0 || ResourceNames.Contains(name));

    /// <summary>Whether the rule allows a verb on a path.</summary>
    internal bool AllowsOnPath(string verb, string path)
    {
        if (!HasOrAny(Verbs, verb))
            return false;
        foreach (var pattern in Paths)
        {
            if (pattern == path || (pattern.EndsWith('*') && path.AsSpan().StartsWith(pattern.AsSpan().TrimEnd('*'))))
                return true;
        }

        return false;
    }

    private static ImmutableArray<string> Words(string text) => [.. text.Split(' ')];

    private static bool HasOrAny(ImmutableArray<string> values, string wanted)
    {
        foreach (var value in values)
        {
            if (value == Any || value == wanted)
                return true;
        }

        return false;
    }
}
