// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Client;
using Sealock.Controllers.Definitions;

namespace Sealock.Controllers.Acme;

/// <summary>When something is tried again that a server, or the world, did not let happen: pure.</summary>
internal static class NextTry
{
    /// <summary>Stands in every reason that tells of a next try.</summary>
    public const string Mark = "next try at";

    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);

    /// <summary>A limited server that names no time is left alone for so long at least.</summary>
    private static readonly TimeSpan AfterLimit = TimeSpan.FromMinutes(5);

    /// <summary>The time to wait after the n-th failure in a row (from 0): as long as the server says, else longer each time.</summary>
    public static TimeSpan After(AcmeFailure failure, int failures, DateTimeOffset now, TimeSpan? first = null)
    {
        if (failure.RetryAt is { } at)
            return at > now ? at - now + TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(1);
        var wait = Growing(failures, first);
        return failure.Kind == AcmeFailureKind.RateLimited && wait < AfterLimit ? AfterLimit : wait;
    }

    /// <summary>Twice as long each time, up to ten minutes.</summary>
    public static TimeSpan Growing(int failures, TimeSpan? first = null, TimeSpan? longest = null)
    {
        var wait = (first ?? First) * Math.Pow(2, Math.Clamp(failures, 0, 16));
        return wait < (longest ?? Longest) ? wait : longest ?? Longest;
    }

    /// <summary>The words for it.</summary>
    public static string Tell(DateTimeOffset at) => $"{Mark} {ObjectFields.Rfc3339(at)}";
}
