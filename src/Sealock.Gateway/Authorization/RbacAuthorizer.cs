// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authorization;

/// <summary>
/// Role-based access control over the stored roles and bindings. Members of <c>system:masters</c> may do everything,
/// before any rule is asked. Whoever keeps the objects calls <see cref="Put"/> and <see cref="Remove"/> for every
/// change, in order and before the change is acknowledged, so that the next request is judged by it.
/// </summary>
public sealed class RbacAuthorizer : IAuthorizer
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

    /// <summary>Whether changes of a resource of <see cref="ApiGroup"/> matter here.</summary>
    public static bool Follows(string plural) => plural is "roles" or "clusterroles" or "rolebindings" or "clusterrolebindings";

    /// <summary>Takes over an object that was created or changed.</summary>
    /// <exception cref="ArgumentException">The resource is none of the four.</exception>
    public void Put(string plural, JsonObject @object)
    {
        switch (plural)
        {
            case "roles" or "clusterroles":
                var role = RbacRole.Read(@object);
                Change(snapshot => snapshot.With(role));
                break;
            case "rolebindings" or "clusterrolebindings":
                var binding = RbacBinding.Read(@object);
                Change(snapshot => snapshot.With(binding));
                break;
            default:
                throw new ArgumentException($"{plural} is no RBAC resource", nameof(plural));
        }
    }

    /// <summary>Forgets an object that was deleted; the namespace is empty for cluster-scoped ones.</summary>
    /// <exception cref="ArgumentException">The resource is none of the four.</exception>
    public void Remove(string plural, string @namespace, string name)
    {
        switch (plural)
        {
            case "roles" or "clusterroles":
                Change(snapshot => snapshot.WithoutRole(@namespace, name));
                break;
            case "rolebindings" or "clusterrolebindings":
                Change(snapshot => snapshot.WithoutBinding(@namespace, name));
                break;
            default:
                throw new ArgumentException($"{plural} is no RBAC resource", nameof(plural));
        }
    }

    /// <summary>Replaces everything, as after a fresh list.</summary>
    public void Replace(RbacSnapshot snapshot)
    {
        lock (_changing)
            _snapshot = snapshot;
    }

    private void Change(Func<RbacSnapshot, RbacSnapshot> change)
    {
        lock (_changing)
            _snapshot = change(_snapshot);
    }
}
