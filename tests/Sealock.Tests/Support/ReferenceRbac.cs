// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;
using Sealock.Gateway.Authorization;

namespace Sealock.Tests.Support;

/// <summary>Role-based access control as its documentation words it, one sentence per line, with no regard to speed.</summary>
internal sealed record ReferenceRbac(IReadOnlyList<RbacRole> Roles, IReadOnlyList<RbacBinding> Bindings)
{
    public bool Allows(AccessQuestion question) => Bindings
        .Where(binding => binding.Namespace.Length == 0 || binding.Namespace == question.Namespace)
        .Where(binding => binding.Subjects.Any(subject => Applies(subject, binding.Namespace, question.User)))
        .SelectMany(RulesOf)
        .Any(rule => question.IsResource ? AllowsResource(rule, question) : AllowsPath(rule, question));

    private static bool Applies(RbacSubject subject, string bindingNamespace, UserInfo user) => subject.Kind switch
    {
        "User" => subject.Name == user.Name,
        "Group" => user.Groups.Any(group => group == subject.Name),
        "ServiceAccount" when subject.Namespace.Length > 0 =>
            user.Name == "system:serviceaccount:" + subject.Namespace + ":" + subject.Name,
        "ServiceAccount" when bindingNamespace.Length > 0 =>
            user.Name == "system:serviceaccount:" + bindingNamespace + ":" + subject.Name,
        _ => false,
    };

    private IEnumerable<PolicyRule> RulesOf(RbacBinding binding) => Roles
        .Where(role => role.Name == binding.Role.Name)
        .Where(role => binding.Role.Kind == "ClusterRole"
            ? role.Namespace.Length == 0
            : binding.Role.Kind == "Role" && role.Namespace.Length > 0 && role.Namespace == binding.Namespace)
        .SelectMany(role => role.Rules);

    private static bool AllowsResource(PolicyRule rule, AccessQuestion question)
    {
        var combined = question.Subresource == "" ? question.Resource : question.Resource + "/" + question.Subresource;
        var verb = rule.Verbs.Any(value => value == "*" || value == question.Verb);
        var group = rule.Groups.Any(value => value == "*" || value == question.Group);
        var resource = rule.Resources.Any(value => value == "*" || value == combined
            || (question.Subresource != "" && value == "*/" + question.Subresource));
        var name = rule.ResourceNames.IsEmpty || rule.ResourceNames.Any(value => value == question.Name);
        return verb && group && resource && name;
    }

    private static bool AllowsPath(PolicyRule rule, AccessQuestion question) =>
        rule.Verbs.Any(value => value == "*" || value == question.Verb)
        && rule.Paths.Any(value => value == "*" || value == question.Path
            || (value.EndsWith('*') && question.Path.StartsWith(value.TrimEnd('*'), StringComparison.Ordinal)));
}
