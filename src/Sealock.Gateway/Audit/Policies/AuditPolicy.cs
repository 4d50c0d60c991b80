// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Gateway.Audit.Policies;

/// <summary>What is recorded of which requests (audit.k8s.io/v1 Policy). The first rule that matches a request decides.</summary>
public sealed record AuditPolicy
{
    /// <summary>The rules in order.</summary>
    public ImmutableArray<AuditRule> Rules { get; init; } = [];

    /// <summary>Stages at which no events are made, whatever the rule.</summary>
    public AuditStages OmitStages { get; init; }

    /// <summary>Whether managed fields are left out of recorded objects, where a rule does not say otherwise.</summary>
    public bool OmitManagedFields { get; init; }
}

/// <summary>A rule of a policy. A list that is empty asks for nothing; all others have to match.</summary>
public sealed record AuditRule
{
    /// <summary>How much is recorded of what matches.</summary>
    public required AuditLevel Level { get; init; }

    /// <summary>User names, as they were authenticated: before impersonation.</summary>
    public ImmutableArray<string> Users { get; init; } = [];

    /// <summary>Groups, of which the user has one.</summary>
    public ImmutableArray<string> UserGroups { get; init; } = [];

    /// <summary>Verbs.</summary>
    public ImmutableArray<string> Verbs { get; init; } = [];

    /// <summary>Resources, of which the request is about one.</summary>
    public ImmutableArray<AuditResources> Resources { get; init; } = [];

    /// <summary>Namespaces; the empty one stands for what belongs to none.</summary>
    public ImmutableArray<string> Namespaces { get; init; } = [];

    /// <summary>Paths that are no resources; <c>*</c> at the end stands for any rest.</summary>
    public ImmutableArray<string> NonResourceUrls { get; init; } = [];

    /// <summary>Stages at which no events are made, beside those of the policy.</summary>
    public AuditStages OmitStages { get; init; }

    /// <summary>Whether managed fields are left out; null: as the policy says.</summary>
    public bool? OmitManagedFields { get; init; }
}

/// <summary>Resources of one group.</summary>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Resources">
/// <c>pods</c>, <c>pods/log</c>, <c>pods/*</c> (the resource and all its subresources), <c>*/scale</c> or <c>*</c>; empty: all.
/// </param>
/// <param name="ResourceNames">Object names; empty: all.</param>
public sealed record AuditResources(
    string Group, ImmutableArray<string> Resources, ImmutableArray<string> ResourceNames);
