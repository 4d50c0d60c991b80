// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Sealock.Gateway.Authorization;

/// <summary>A role's rules, found by what a question names, so that a large role costs as little as a small one.</summary>
internal sealed class CompiledRole
{
    private readonly FrozenDictionary<string, PolicyRule[]> _byResource;
    private readonly PolicyRule[] _byPath;

    public CompiledRole(ImmutableArray<PolicyRule> rules)
    {
        Rules = rules;
        _byPath = [.. rules.Where(rule => rule.Paths.Length > 0)];
        _byResource = rules
            .SelectMany(rule => rule.Resources.Distinct().Select(resource => (resource, rule)))
            .GroupBy(pair => pair.resource, pair => pair.rule)
            .ToFrozenDictionary(group => group.Key, group => group.ToArray(), StringComparer.Ordinal);
    }

    public ImmutableArray<PolicyRule> Rules { get; }

    public bool Allows(in ResourceQuestion question) =>
        Allows(question.Resource, question) || Allows(PolicyRule.Any, question)
        || (question.AnyWithSubresource is { } pattern && Allows(pattern, question));

    public bool AllowsPath(string verb, string path)
    {
        foreach (var rule in _byPath)
        {
            if (rule.AllowsOnPath(verb, path))
                return true;
        }

        return false;
    }

    private bool Allows(string key, in ResourceQuestion question)
    {
        if (!_byResource.TryGetValue(key, out var rules))
            return false;
        foreach (var rule in rules)
        {
            if (rule.AllowsOnResource(question.Verb, question.Group, question.Name))
                return true;
        }

        return false;
    }
}

/// <summary>A question about a resource in the words of rules, made once per decision.</summary>
internal readonly struct ResourceQuestion(string verb, string group, string resource, string subresource, string name)
{
    public string Verb { get; } = verb;

    public string Group { get; } = group;

    /// <summary><c>resource</c> or <c>resource/subresource</c>.</summary>
    public string Resource { get; } = subresource.Length == 0 ? resource : $"{resource}/{subresource}";

    /// <summary><c>*/subresource</c>; null where no subresource is asked for.</summary>
    public string? AnyWithSubresource { get; } = subresource.Length == 0 ? null : "*/" + subresource;

    public string Name { get; } = name;
}
