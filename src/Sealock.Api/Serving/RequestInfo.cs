// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Security;

namespace Sealock.Api.Serving;

/// <summary>
/// What a request is about, read from its method, path and query alone (k8s.io/apiserver RequestInfo). Authorization,
/// audit and routing all decide on this one reading.
/// </summary>
public sealed record RequestInfo
{
    /// <summary>HTTP method, upper case.</summary>
    public required string Method { get; init; }

    /// <summary>Path, percent-decoded per segment.</summary>
    public required string Path { get; init; }

    /// <summary>Kubernetes verb, or the lower-case method for paths that are no resource.</summary>
    public required string Verb { get; init; }

    /// <summary>Whether the path names an API resource.</summary>
    public bool IsResource { get; init; }

    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; init; } = "";

    /// <summary>API version.</summary>
    public string Version { get; init; } = "";

    /// <summary>Namespace, or empty.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Plural resource name.</summary>
    public string Resource { get; init; } = "";

    /// <summary>Subresource, or empty.</summary>
    public string Subresource { get; init; } = "";

    /// <summary>
    /// Object name, or empty; also taken from a <c>metadata.name=</c> field selector of a list or watch.
    /// </summary>
    public string Name { get; init; } = "";

    /// <summary>Whether <see cref="Name"/> stands in the path and not only in a field selector.</summary>
    public bool NameInPath { get; init; }

    /// <summary>Path segments after the subresource.</summary>
    public string Rest { get; init; } = "";

    /// <summary>Whether the answer may take as long as the client likes: watches, and streams of pods and through proxies.</summary>
    public bool IsLongRunning => IsResource
        && (Verb is "watch" or "proxy" || Subresource is "attach" or "exec" or "log" or "portforward" or "proxy");

    /// <summary>The question for an authorizer.</summary>
    public AccessQuestion QuestionFor(UserInfo user) => new()
    {
        User = user,
        Verb = Verb,
        IsResource = IsResource,
        Group = Group,
        Version = Version,
        Namespace = Namespace,
        Resource = Resource,
        Subresource = Subresource,
        Name = Name,
        Path = Path,
    };
}
