// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;

namespace Sealock.Gateway.Users;

/// <summary>
/// Checks passwords a few at a time, beside the requests of everybody else: each costs a tenth of a second of a processor,
/// whether the user exists or not.
/// </summary>
public sealed class PasswordVerifier(int rounds = PasswordHash.Rounds) : IDisposable
{
    private const int MostWaiting = 32;

    private readonly SemaphoreSlim _slots = new(Math.Max(1, Environment.ProcessorCount / 2));
    private int _waiting;

    /// <summary>Whether a password is the one; null stands for a user who has none.</summary>
    /// <exception cref="ApiException">429: too many passwords wait to be checked.</exception>
    public async Task<bool> VerifyAsync(PasswordHash? expected, string password, CancellationToken cancellationToken)
    {
        var hash = expected ?? PasswordHash.Nobodys;
        return await RunAsync(() => hash.Matches(password), cancellationToken) && expected is not null;
    }

    /// <summary>Hashes a new password.</summary>
    /// <exception cref="ApiException">429: too many passwords wait to be checked.</exception>
    public Task<PasswordHash> HashAsync(string password, CancellationToken cancellationToken) =>
        RunAsync(() => PasswordHash.Create(password, rounds), cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _slots.Dispose();

    private async Task<T> RunAsync<T>(Func<T> work, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _waiting) > MostWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw AttemptLimit.TooMany(TimeSpan.FromSeconds(2));
        }

        try
        {
            await _slots.WaitAsync(cancellationToken);
            try
            {
                return await Task.Run(work, cancellationToken);
            }
            finally
            {
                _slots.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }
}
