// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;

namespace Sealock.Gateway.Audit.Policies;

/// <summary>What a policy asks for one request.</summary>
/// <param name="Level">How much is recorded.</param>
/// <param name="OmitStages">When nothing is recorded.</param>
/// <param name="OmitManagedFields">Whether managed fields are left out of recorded objects.</param>
public readonly record struct AuditDecision(AuditLevel Level, AuditStages OmitStages, bool OmitManagedFields);

/// <summary>Applies a policy, exactly as kube-apiserver does.</summary>
public static class AuditRules
{
    /// <summary>What is recorded of a request; what no rule matches is not recorded.</summary>
    public static AuditDecision LevelFor(AuditPolicy policy, in AccessQuestion request)
    {
        foreach (var rule in policy.Rules)
        {
            if (Matches(rule, request))
            {
                return new AuditDecision(
                    rule.Level, policy.OmitStages | rule.OmitStages, rule.OmitManagedFields ?? policy.OmitManagedFields);
            }
        }

        return new AuditDecision(AuditLevel.None, policy.OmitStages, policy.OmitManagedFields);
    }

    private static bool Matches(AuditRule rule, in AccessQuestion request) =>
        (rule.Users.IsEmpty || rule.Users.Contains(request.User.Name))
        && (rule.UserGroups.IsEmpty || HasGroup(rule, request.User))
        && (rule.Verbs.IsEmpty || rule.Verbs.Contains(request.Verb))
        && MatchesTarget(rule, request);

    private static bool HasGroup(AuditRule rule, UserInfo user)
    {
        foreach (var group in user.Groups)
        {
            if (rule.UserGroups.Contains(group))
                return true;
        }

        return false;
    }

    private static bool MatchesTarget(AuditRule rule, in AccessQuestion request)
    {
        if (rule.Namespaces.Length > 0 || rule.Resources.Length > 0)
            return request.IsResource && MatchesResource(rule, request);
        return rule.NonResourceUrls.IsEmpty || (!request.IsResource && MatchesPath(rule.NonResourceUrls, request.Path));
    }

    private static bool MatchesPath(ImmutableArray<string> patterns, string path)
    {
        foreach (var pattern in patterns)
        {
            if (pattern == path || (pattern.EndsWith('*') && path.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1))))
                return true;
        }

        return false;
    }

    private static bool MatchesResource(AuditRule rule, in AccessQuestion request)
    {
        if (rule.Namespaces.Length > 0 && !rule.Namespaces.Contains(request.Namespace))
            return false;
        if (rule.Resources.IsEmpty)
            return true;
        foreach (var entry in rule.Resources)
        {
            if (entry.Group == request.Group && Matches(entry, request))
                return true;
        }

        return false;
    }

    private static bool Matches(AuditResources entry, in AccessQuestion request)
    {
        if (entry.Resources.IsEmpty)
            return true;
        if (entry.ResourceNames.Length > 0 && !entry.ResourceNames.Contains(request.Name))
            return false;
        foreach (var pattern in entry.Resources)
        {
            if (pattern == "*" || Matches(pattern, request.Resource, request.Subresource))
                return true;
        }

        return false;
    }

    private static bool Matches(string pattern, string resource, string subresource)
    {
        var slash = pattern.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
            return subresource.Length == 0 && pattern == resource;
        var left = pattern.AsSpan(0, slash);
        var right = pattern.AsSpan(slash + 1);
        // As in kube-apiserver, "pods/*" matches pods as well.
        return (right is "*" && left.SequenceEqual(resource))
            || (subresource.Length > 0 && right.SequenceEqual(subresource) && (left is "*" || left.SequenceEqual(resource)));
    }
}
