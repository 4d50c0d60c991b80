// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authorization;

/// <summary>
/// The roles and bindings of one namespace, or those of the cluster (<see cref="Namespace"/> empty), with the bindings
/// found by subject. Immutable; a change costs what it touches, not what is there.
/// </summary>
internal sealed record RbacScope(string Namespace)
{
    private static readonly ImmutableDictionary<string, ImmutableArray<Grant>> NoGrants =
        ImmutableDictionary.Create<string, ImmutableArray<Grant>>(StringComparer.Ordinal);

    private ImmutableDictionary<string, CompiledRole> Roles { get; init; } =
        ImmutableDictionary.Create<string, CompiledRole>(StringComparer.Ordinal);

    private ImmutableDictionary<string, Grant> Bindings { get; init; } =
        ImmutableDictionary.Create<string, Grant>(StringComparer.Ordinal);

    private ImmutableDictionary<string, ImmutableArray<Grant>> ByUser { get; init; } = NoGrants;

    private ImmutableDictionary<string, ImmutableArray<Grant>> ByGroup { get; init; } = NoGrants;

    public bool IsEmpty => Roles.IsEmpty && Bindings.IsEmpty;

    public CompiledRole? FindRole(string name) => Roles.GetValueOrDefault(name);

    public ImmutableArray<Grant> ForUser(string name) => ByUser.TryGetValue(name, out var grants) ? grants : [];

    public ImmutableArray<Grant> ForGroup(string name) => ByGroup.TryGetValue(name, out var grants) ? grants : [];

    /// <summary>Every binding that applies to the user, each once, by name.</summary>
    public IEnumerable<Grant> For(UserInfo user) => user.Groups
        .Aggregate(new HashSet<Grant>(ForUser(user.Name)), (found, group) =>
        {
            found.UnionWith(ForGroup(group));
            return found;
        })
        .OrderBy(grant => grant.Binding.Name, StringComparer.Ordinal);

    public RbacScope WithRole(string name, CompiledRole? role) => this with
    {
        Roles = role is null ? Roles.Remove(name) : Roles.SetItem(name, role),
    };

    public RbacScope WithBinding(RbacBinding binding)
    {
        var rest = WithoutBinding(binding.Name);
        var grant = new Grant(binding);
        var byUser = rest.ByUser;
        var byGroup = rest.ByGroup;
        foreach (var subject in binding.Subjects)
        {
            if (subject.Kind == RbacSubject.UserGroup)
                byGroup = Add(byGroup, subject.Name, grant);
            else if (subject.UserNameIn(Namespace) is { } user)
                byUser = Add(byUser, user, grant);
        }

        return rest with { Bindings = rest.Bindings.Add(binding.Name, grant), ByUser = byUser, ByGroup = byGroup };
    }

    public RbacScope WithoutBinding(string name)
    {
        if (!Bindings.TryGetValue(name, out var grant))
            return this;
        var byUser = ByUser;
        var byGroup = ByGroup;
        foreach (var subject in grant.Binding.Subjects)
        {
            if (subject.Kind == RbacSubject.UserGroup)
                byGroup = Remove(byGroup, subject.Name, grant);
            else if (subject.UserNameIn(Namespace) is { } user)
                byUser = Remove(byUser, user, grant);
        }

        return this with { Bindings = Bindings.Remove(name), ByUser = byUser, ByGroup = byGroup };
    }

    private static ImmutableDictionary<string, ImmutableArray<Grant>> Add(
        ImmutableDictionary<string, ImmutableArray<Grant>> index, string key, Grant grant) =>
        index.TryGetValue(key, out var grants)
            ? grants.Contains(grant) ? index : index.SetItem(key, grants.Add(grant))
            : index.Add(key, [grant]);

    private static ImmutableDictionary<string, ImmutableArray<Grant>> Remove(
        ImmutableDictionary<string, ImmutableArray<Grant>> index, string key, Grant grant)
    {
        if (!index.TryGetValue(key, out var grants))
            return index;
        var left = grants.Remove(grant);
        return left.Length == 0 ? index.Remove(key) : index.SetItem(key, left);
    }
}
