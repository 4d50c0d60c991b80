// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Security;

/// <summary>The question put to an authorizer: may this user do this? (authorization.k8s.io attributes)</summary>
public readonly record struct AccessQuestion
{
    /// <summary>Property initialisers for the optional parts.</summary>
    public AccessQuestion()
    {
    }

    /// <summary>Who asks.</summary>
    public required UserInfo User { get; init; }

    /// <summary>Kubernetes verb (<c>get</c>, <c>list</c>, <c>approve</c>, …), or the lower-case HTTP method for paths.</summary>
    public required string Verb { get; init; }

    /// <summary>Whether the question is about an API resource; otherwise only <see cref="Path"/> counts.</summary>
    public required bool IsResource { get; init; }

    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>API version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Plural resource name.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Subresource, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>Namespace; empty means all of them, or a cluster-scoped resource.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Object name; empty where the request names none.</summary>
    public string Name { get; init; } = "";

    /// <summary>URL path of a non-resource request.</summary>
    public string Path { get; init; } = "";
}

/// <summary>An authorizer's answer: allowed or not, and why.</summary>
public readonly record struct AccessDecision(bool Allowed, string Reason)
{
    /// <summary>No rule allows it.</summary>
    public static AccessDecision NoOpinion { get; } = new(false, "");
}

/// <summary>Decides from rules held in memory; never blocks and never throws.</summary>
public interface IAuthorizer
{
    /// <summary>Answers one question.</summary>
    AccessDecision Authorize(in AccessQuestion question);

    /// <summary>What <paramref name="user"/> may do in a namespace, for SelfSubjectRulesReview.</summary>
    AccessRules RulesFor(UserInfo user, string @namespace);
}

/// <summary>The rules that hold for a user; <paramref name="EvaluationError"/> says what could not be resolved.</summary>
public sealed record AccessRules(
    ImmutableArray<ResourceAccessRule> Resources, ImmutableArray<PathAccessRule> Paths, string EvaluationError);

/// <summary>Verbs on resources (authorization.k8s.io/v1 ResourceRule).</summary>
public sealed record ResourceAccessRule(
    ImmutableArray<string> Verbs,
    ImmutableArray<string> Groups,
    ImmutableArray<string> Resources,
    ImmutableArray<string> ResourceNames);

/// <summary>Verbs on URL paths (authorization.k8s.io/v1 NonResourceRule).</summary>
public sealed record PathAccessRule(ImmutableArray<string> Verbs, ImmutableArray<string> Paths);
