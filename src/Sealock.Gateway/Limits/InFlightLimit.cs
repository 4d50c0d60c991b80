// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Gateway.Limits;

/// <summary>
/// Bounds the requests being answered at a time, mutating and read-only ones apart (kube-apiserver's
/// <c>--max-requests-inflight</c>). Who may do everything always gets an answer.
/// </summary>
internal sealed class InFlightLimit(int readOnly, int mutating)
{
    private int _readOnly;
    private int _mutating;
    private long _readOnlyRefused;
    private long _mutatingRefused;

    /// <summary>Read-only requests being answered.</summary>
    public int ReadOnly => Volatile.Read(ref _readOnly);

    /// <summary>Mutating requests being answered.</summary>
    public int Mutating => Volatile.Read(ref _mutating);

    /// <summary>Read-only requests refused so far.</summary>
    public long ReadOnlyRefused => Interlocked.Read(ref _readOnlyRefused);

    /// <summary>Mutating requests refused so far.</summary>
    public long MutatingRefused => Interlocked.Read(ref _mutatingRefused);

    /// <summary>Whether a verb counts as mutating.</summary>
    public static bool IsMutating(string verb) => verb is not ("get" or "list" or "watch");

    /// <summary>Counts a request in; each needs one <see cref="Leave"/>.</summary>
    /// <exception cref="ApiException">429: there are too many.</exception>
    public void Enter(bool isMutating, UserInfo user)
    {
        ref var count = ref isMutating ? ref _mutating : ref _readOnly;
        if (Interlocked.Increment(ref count) <= (isMutating ? mutating : readOnly) ||
            user.Groups.Contains(WellKnownGroups.Masters))
            return;
        Interlocked.Decrement(ref count);
        Interlocked.Increment(ref (isMutating ? ref _mutatingRefused : ref _readOnlyRefused));
        throw ApiException.TooManyRequests("Too many requests, please try again later.", retryAfterSeconds: 1);
    }

    /// <summary>Counts a request out.</summary>
    public void Leave(bool isMutating)
    {
        ref var count = ref isMutating ? ref _mutating : ref _readOnly;
        Interlocked.Decrement(ref count);
    }
}
