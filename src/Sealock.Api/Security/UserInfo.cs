// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Security;

/// <summary>Who makes a request: what Kubernetes calls user.Info (authentication.k8s.io/v1 UserInfo).</summary>
public sealed record UserInfo
{
    /// <summary>The user name, such as <c>jane</c> or <c>system:serviceaccount:default:builder</c>.</summary>
    public required string Name { get; init; }

    /// <summary>An identifier that outlives renaming; empty where the authenticator knows none.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The groups, in the authenticator's order.</summary>
    public ImmutableArray<string> Groups { get; init; } = [];

    /// <summary>Further attributes by lower-case key.</summary>
    public ImmutableDictionary<string, ImmutableArray<string>> Extra { get; init; } =
        ImmutableDictionary<string, ImmutableArray<string>>.Empty;

    /// <summary>The user of a request that carries no credentials.</summary>
    public static UserInfo Anonymous { get; } =
        new() { Name = "system:anonymous", Groups = [WellKnownGroups.Unauthenticated] };

    /// <summary>The identity of a service account (name, and the groups that Kubernetes gives to it).</summary>
    public static UserInfo ServiceAccount(string @namespace, string name, string uid = "") => new()
    {
        Name = $"system:serviceaccount:{@namespace}:{name}",
        Uid = uid,
        Groups = ["system:serviceaccounts", $"system:serviceaccounts:{@namespace}", WellKnownGroups.Authenticated],
    };
}

/// <summary>Groups with a meaning of their own.</summary>
public static class WellKnownGroups
{
    /// <summary>Everyone who presented valid credentials.</summary>
    public const string Authenticated = "system:authenticated";

    /// <summary>Everyone who presented none.</summary>
    public const string Unauthenticated = "system:unauthenticated";

    /// <summary>Allowed everything, before any rule is asked.</summary>
    public const string Masters = "system:masters";
}
