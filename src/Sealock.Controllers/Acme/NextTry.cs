// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Api.Client.Views;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Issuance;

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

    /// <summary>So long a wait is kept on the object, for whoever comes after this process.</summary>
    public static TimeSpan WorthStoring { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The patch that keeps it.</summary>
    public static JsonObject Patch(ObjectMetaView @object, DateTimeOffset at)
    {
        var metadata = StatusJson.Precondition(@object);
        metadata["annotations"] = new JsonObject { [WellKnown.RetryNotBefore] = ObjectFields.Rfc3339(at) };
        return new JsonObject { ["metadata"] = metadata };
    }

    /// <summary>What an object keeps of it; null for nothing.</summary>
    public static DateTimeOffset? Stored(ObjectMetaView @object) =>
        @object.Annotations.TryGetValue(WellKnown.RetryNotBefore, out var text)
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at) ? at : null;

    /// <summary>The words for it.</summary>
    public static string Tell(DateTimeOffset at) => $"{Mark} {ObjectFields.Rfc3339(at)}";
}
