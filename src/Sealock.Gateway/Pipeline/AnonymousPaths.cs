// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Api.Serving;

namespace Sealock.Gateway.Pipeline;

/// <summary>
/// The list of paths of the server itself that anyone may read, whatever the rules say. What is mounted beside it
/// states its access in its <see cref="Mount"/>.
/// </summary>
internal static class AnonymousPaths
{
    private static readonly FrozenSet<string> Paths =
        new[] { "/healthz", "/livez", "/readyz", "/ping", "/version", "/version/", "/cacerts" }
            .ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a request needs no permission.</summary>
    public static bool Contains(RequestInfo info) =>
        !info.IsResource && info.Verb is "get" or "head" && Paths.Contains(info.Path);
}
