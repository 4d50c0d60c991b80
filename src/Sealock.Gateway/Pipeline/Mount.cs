// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Gateway.Pipeline;

/// <summary>What stands before a mounted handler.</summary>
public enum MountAccess
{
    /// <summary>
    /// Nothing: credentials are not looked at, since they are the handler's own matter (or nobody's).
    /// </summary>
    Open,

    /// <summary>Credentials must be valid if there are any; everyone may come in.</summary>
    Public,

    /// <summary>The authorizer is asked for the path.</summary>
    Authorized,
}

/// <summary>
/// Answers a request outside the API; expected failures are thrown as <see cref="Api.Objects.ApiException"/>.
/// </summary>
public delegate ValueTask MountHandler(GatewayExchange exchange);

/// <summary>
/// A handler for a path and everything below it. The longest prefix wins; paths that nobody has mounted belong to the
/// API.
/// </summary>
/// <param name="Prefix">Path without a trailing slash.</param>
/// <param name="Access">What is asked of the client.</param>
/// <param name="Handler">Writes the answer.</param>
public sealed record Mount(string Prefix, MountAccess Access, MountHandler Handler)
{
    /// <summary>
    /// Whether answers may take as long as they like and count against no limit of requests in flight.
    /// </summary>
    public bool LongRunning { get; init; }

    internal bool Covers(string path) =>
        path.StartsWith(Prefix, StringComparison.Ordinal) &&
        (path.Length == Prefix.Length || path[Prefix.Length] == '/');
}

/// <summary>The mounts in the order in which they are tried.</summary>
internal sealed class MountTable(IEnumerable<Mount> mounts)
{
    private readonly ImmutableArray<Mount> _mounts =
        [.. mounts.OrderByDescending(mount => mount.Prefix.Length)];

    /// <summary>The mount for a path, or null.</summary>
    public Mount? Find(string path)
    {
        foreach (var mount in _mounts)
        {
            if (mount.Covers(path))
                return mount;
        }

        return null;
    }
}
