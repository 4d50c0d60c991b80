// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace Sealock.Acme.Solvers;

/// <summary>
/// Leaves the change of records to a program of the user's: <c>PROGRAM present|cleanup NAME. VALUE</c>, as lego's exec provider
/// calls it, with the same in the environment (SEALOCK_ACTION, SEALOCK_DOMAIN, SEALOCK_FQDN, SEALOCK_VALUE). It has done its
/// work when it ends with 0. It is never run twice at once.
/// </summary>
/// <param name="program">The program; nothing of a shell is understood.</param>
/// <param name="clock">The clock.</param>
/// <param name="limit">How long it may take; then it is ended, with all it started. Null for two minutes.</param>
[SuppressMessage("Design", "CA1001", Justification = "a semaphore without a wait handle holds nothing")]
public sealed class ExecProvider(string program, TimeProvider clock, TimeSpan? limit = null) : IDnsProvider
{
    private readonly TimeSpan _limit = limit ?? TimeSpan.FromMinutes(2);
    private readonly SemaphoreSlim _turn = new(1);

    /// <inheritdoc/>
    public Task<string?> AddAsync(TxtValue value, CancellationToken cancellationToken) => RunAsync("present", value, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> RemoveAsync(TxtValue value, CancellationToken cancellationToken) => RunAsync("cleanup", value, cancellationToken);

    private async Task<string?> RunAsync(string action, TxtValue value, CancellationToken cancellationToken)
    {
        var name = value.Name + ".";
        var start = new ProcessStartInfo(program)
        {
            Environment =
            {
                ["SEALOCK_ACTION"] = action,
                ["SEALOCK_DOMAIN"] = value.Domain,
                ["SEALOCK_FQDN"] = name,
                ["SEALOCK_VALUE"] = value.Value,
            },
        };
        foreach (var argument in (ReadOnlySpan<string>)[action, name, value.Value])
            start.ArgumentList.Add(argument);
        // A script that edits a zone's file does not expect company.
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await ProgramRun.RunAsync(start, $"{program} {action} {name}", _limit, clock, cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }
}
