// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authorization;

/// <summary>
/// All roles and bindings at one moment, and the decisions that follow from them exactly as kube-apiserver takes them:
/// cluster-wide bindings first, then those of the namespace; rules only allow, never deny; a binding whose role is
/// missing is reported and skipped. Immutable.
/// </summary>
public sealed class RbacSnapshot
{
    private readonly RbacScope _cluster;
    private readonly ImmutableDictionary<string, RbacScope> _namespaces;

    private RbacSnapshot(RbacScope cluster, ImmutableDictionary<string, RbacScope> namespaces)
    {
        _cluster = cluster;
        _namespaces = namespaces;
    }

    /// <summary>Without any rule.</summary>
    public static RbacSnapshot Empty { get; } = new(
        new RbacScope(""), ImmutableDictionary.Create<string, RbacScope>(StringComparer.Ordinal));

    /// <summary>Compiles roles and bindings of both kinds (those without a namespace are the cluster's).</summary>
    public static RbacSnapshot Compile(IEnumerable<RbacRole> roles, IEnumerable<RbacBinding> bindings)
    {
        var snapshot = roles.Aggregate(Empty, (result, role) => result.With(role));
        return bindings.Aggregate(snapshot, (result, binding) => result.With(binding));
    }

    /// <summary>With a role added or replaced.</summary>
    public RbacSnapshot With(RbacRole role) =>
        With(ScopeOf(role.Namespace).WithRole(role.Name, new CompiledRole(role.Rules)));

    /// <summary>With a binding added or replaced.</summary>
    public RbacSnapshot With(RbacBinding binding) => With(ScopeOf(binding.Namespace).WithBinding(binding));

    /// <summary>Without a role; the namespace is empty for a ClusterRole.</summary>
    public RbacSnapshot WithoutRole(string @namespace, string name) => With(ScopeOf(@namespace).WithRole(name, null));

    /// <summary>Without a binding; the namespace is empty for a ClusterRoleBinding.</summary>
    public RbacSnapshot WithoutBinding(string @namespace, string name) => With(ScopeOf(@namespace).WithoutBinding(name));

    /// <summary>Answers a question from the rules alone (no group is privileged here).</summary>
    public AccessDecision Decide(in AccessQuestion question)
    {
        if (!question.IsResource)
            return DecidePath(question);
        var asked = new ResourceQuestion(
            question.Verb, question.Group, question.Resource, question.Subresource, question.Name);
        var missing = new MissingRoles();
        if ((FindAllowing(_cluster, question.User, asked, ref missing)
            ?? (question.Namespace.Length > 0 && _namespaces.TryGetValue(question.Namespace, out var scope)
                ? FindAllowing(scope, question.User, asked, ref missing)
                : null)) is { } grant)
        {
            return new AccessDecision(true, grant.ReasonFor(question.User));
        }

        return missing.Decision;
    }

    /// <summary>The rules of every binding that applies to a user; the error names the roles that do not exist.</summary>
    public (ImmutableArray<PolicyRule> Rules, string Error) RulesFor(UserInfo user, string @namespace)
    {
        var rules = ImmutableArray.CreateBuilder<PolicyRule>();
        var missing = new MissingRoles();
        foreach (var scope in @namespace.Length > 0 ? [_cluster, ScopeOf(@namespace)] : (RbacScope[])[_cluster])
        {
            foreach (var grant in scope.For(user))
            {
                if (Resolve(scope, grant) is { } role)
                    rules.AddRange(role.Rules);
                else
                    missing.Add(grant.Binding.Role);
            }
        }

        return (rules.ToImmutable(), missing.Error);
    }

    private AccessDecision DecidePath(in AccessQuestion question)
    {
        var missing = new MissingRoles();
        if (FindAllowing(_cluster.ForUser(question.User.Name), question, ref missing) is { } own)
            return new AccessDecision(true, own.ReasonFor(question.User));
        foreach (var group in question.User.Groups)
        {
            if (FindAllowing(_cluster.ForGroup(group), question, ref missing) is { } grant)
                return new AccessDecision(true, grant.ReasonFor(question.User));
        }

        return missing.Decision;
    }

    private Grant? FindAllowing(ImmutableArray<Grant> grants, in AccessQuestion question, ref MissingRoles missing)
    {
        foreach (var grant in grants)
        {
            if (Resolve(_cluster, grant) is not { } role)
                missing.Add(grant.Binding.Role);
            else if (role.AllowsPath(question.Verb, question.Path))
                return grant;
        }

        return null;
    }

    private Grant? FindAllowing(RbacScope scope, UserInfo user, in ResourceQuestion asked, ref MissingRoles missing)
    {
        if (FindAllowing(scope, scope.ForUser(user.Name), asked, ref missing) is { } own)
            return own;
        foreach (var group in user.Groups)
        {
            if (FindAllowing(scope, scope.ForGroup(group), asked, ref missing) is { } grant)
                return grant;
        }

        return null;
    }

    private Grant? FindAllowing(
        RbacScope scope, ImmutableArray<Grant> grants, in ResourceQuestion asked, ref MissingRoles missing)
    {
        foreach (var grant in grants)
        {
            if (Resolve(scope, grant) is not { } role)
                missing.Add(grant.Binding.Role);
            else if (role.Allows(asked))
                return grant;
        }

        return null;
    }

    private CompiledRole? Resolve(RbacScope scope, Grant grant) => grant.Binding.Role switch
    {
        { Kind: RoleReference.ClusterRole, Name: var name } => _cluster.FindRole(name),
        { Kind: RoleReference.NamespaceRole, Name: var name } when scope.Namespace.Length > 0 => scope.FindRole(name),
        _ => null,
    };

    private RbacScope ScopeOf(string @namespace) => @namespace.Length == 0
        ? _cluster
        : _namespaces.TryGetValue(@namespace, out var scope) ? scope : new RbacScope(@namespace);

    private RbacSnapshot With(RbacScope scope)
    {
        if (scope.Namespace.Length == 0)
            return new(scope, _namespaces);
        return new(_cluster, scope.IsEmpty
            ? _namespaces.Remove(scope.Namespace)
            : _namespaces.SetItem(scope.Namespace, scope));
    }

    /// <summary>Collects what could not be resolved; allocates only where something is missing.</summary>
    private struct MissingRoles
    {
        private List<string>? _messages;

        public readonly AccessDecision Decision =>
            _messages is null ? AccessDecision.NoOpinion : new AccessDecision(false, "RBAC: " + Error);

        public readonly string Error => _messages switch
        {
            null => "",
            [var only] => only,
            _ => $"[{string.Join(", ", _messages)}]",
        };

        public void Add(RoleReference role)
        {
            var message = role.Kind switch
            {
                RoleReference.ClusterRole => $"clusterrole.rbac.authorization.k8s.io \"{role.Name}\" not found",
                RoleReference.NamespaceRole => $"role.rbac.authorization.k8s.io \"{role.Name}\" not found",
                _ => $"unsupported role reference kind: \"{role.Kind}\"",
            };
            if (!(_messages ??= []).Contains(message))
                _messages.Add(message);
        }
    }
}
