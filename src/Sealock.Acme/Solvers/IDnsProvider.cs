// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Acme.Solvers;

/// <summary>A TXT value to be put in place or removed.</summary>
/// <param name="Domain">The name that is validated, without a wildcard's label.</param>
/// <param name="Name">The record's name, without a dot at its end.</param>
/// <param name="Value">The value: 43 characters of base64url.</param>
public sealed record TxtValue(string Domain, string Name, string Value);

/// <summary>
/// Where DNS records are changed. A name may have several values at once: each is added beside the others, and only it is
/// removed. May be used concurrently.
/// </summary>
public interface IDnsProvider
{
    /// <summary>Adds a value. Safe to repeat.</summary>
    /// <returns>Null where it is done, else why not in one line.</returns>
    Task<string?> AddAsync(TxtValue value, CancellationToken cancellationToken);

    /// <summary>Removes a value. Safe to repeat.</summary>
    /// <returns>Null where it is done, else why not in one line.</returns>
    Task<string?> RemoveAsync(TxtValue value, CancellationToken cancellationToken);
}
