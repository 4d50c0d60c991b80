// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authorization;

/// <summary>
/// Role-based access control over the stored roles and bindings. Members of <c>system:masters</c> may do everything,
/// before any rule is asked. It follows the definitions of roles and bindings, so that a change is in force before it is
/// acknowledged.
/// </summary>
public sealed class RbacAuthorizer : IAuthorizer, IObjectFollower
{
    /// <summary>The API group of roles and bindings.</summary>
    public const string ApiGroup = "rbac.authorization.k8s.io";

    private readonly Lock _changing = new();
    private volatile RbacSnapshot _snapshot = RbacSnapshot.Empty;

    /// <summary>The rules in force.</summary>
    public RbacSnapshot Snapshot => _snapshot;

    /// <inheritdoc/>
    public AccessDecision Authorize(in AccessQuestion question) => question.User.Groups.Contains(WellKnownGroups.Masters)
        ? new AccessDecision(true, "")
        : _snapshot.Decide(question);

    /// <inheritdoc/>
    public AccessRules RulesFor(UserInfo user, string @namespace)
    {
        var (rules, error) = _snapshot.RulesFor(user, @namespace);
        return new AccessRules(
            [.. rules.Where(rule => rule.Resources.Length > 0)
                .Select(rule => new ResourceAccessRule(rule.Verbs, rule.Groups, rule.Resources, rule.ResourceNames))],
            [.. rules.Where(rule => rule.Paths.Length > 0).Select(rule => new PathAccessRule(rule.Verbs, rule.Paths))],
            error);
    }

    /// <inheritdoc/>
    public void Reset(ResourceDefinition definition, IEnumerable<JsonObject> objects)
    {
        if (IsRole(definition))
        {
            var roles = objects.Select(RbacRole.Read).ToList();
            Change(snapshot => snapshot.WithAll(roles, definition.Scope == ResourceScope.Namespaced));
        }
        else
        {
            var bindings = objects.Select(RbacBinding.Read).ToList();
            Change(snapshot => snapshot.WithAll(bindings, definition.Scope == ResourceScope.Namespaced));
        }
    }

    /// <inheritdoc/>
    public void Put(ResourceDefinition definition, JsonObject @object)
    {
        if (IsRole(definition))
        {
            var role = RbacRole.Read(@object);
            Change(snapshot => snapshot.With(role));
        }
        else
        {
            var binding = RbacBinding.Read(@object);
            Change(snapshot => snapshot.With(binding));
        }
    }

    /// <inheritdoc/>
    public void Remove(ResourceDefinition definition, string @namespace, string name) => Change(
        snapshot => IsRole(definition) ? snapshot.WithoutRole(@namespace, name) : snapshot.WithoutBinding(@namespace, name));

    /// <summary>Replaces everything.</summary>
    public void Replace(RbacSnapshot snapshot) => Change(_ => snapshot);

    private static bool IsRole(ResourceDefinition definition) => definition.Plural is "roles" or "clusterroles";

    private void Change(Func<RbacSnapshot, RbacSnapshot> change)
    {
        lock (_changing)
            _snapshot = change(_snapshot);
    }
}
