// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Sealock.Api.Client;

/// <summary>What a list or a watch selects (meta/v1 ListOptions). Empty values are not sent.</summary>
public sealed record ListQuery
{
    /// <summary>Label selector in its text form.</summary>
    public string LabelSelector { get; init; } = "";

    /// <summary>Field selector in its text form.</summary>
    public string FieldSelector { get; init; } = "";

    /// <summary>Resource version to start from, or that a list must at least have.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary><c>Exact</c> or <c>NotOlderThan</c>.</summary>
    public string ResourceVersionMatch { get; init; } = "";

    /// <summary>Asks a watch for bookmarks.</summary>
    public bool AllowBookmarks { get; init; }

    /// <summary>Ends a watch after this time; null leaves it to the server.</summary>
    public TimeSpan? Timeout { get; init; }

    internal string ToQueryString(bool watch, int limit, string continueToken)
    {
        var query = new StringBuilder();
        Add("watch", watch ? "true" : "");
        Add("labelSelector", LabelSelector);
        Add("fieldSelector", FieldSelector);
        if (continueToken.Length == 0)
        {
            Add("resourceVersion", ResourceVersion);
            Add("resourceVersionMatch", ResourceVersionMatch);
        }

        Add("allowWatchBookmarks", watch && AllowBookmarks ? "true" : "");
        if (watch && Timeout is { } timeout)
            Add("timeoutSeconds", Math.Max(1, (long)timeout.TotalSeconds).ToString(CultureInfo.InvariantCulture));
        Add("limit", limit > 0 ? limit.ToString(CultureInfo.InvariantCulture) : "");
        Add("continue", continueToken);
        return query.ToString();

        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                query.Append(query.Length == 0 ? '?' : '&')
                    .Append(name).Append('=').Append(Uri.EscapeDataString(value));
            }
        }
    }
}

/// <summary>The kinds of patch.</summary>
public enum PatchKind
{
    /// <summary>RFC 7386.</summary>
    Merge,

    /// <summary>RFC 6902.</summary>
    Json,

    /// <summary>Kubernetes' strategic merge patch.</summary>
    Strategic,
}

/// <summary>Conditions and manner of a deletion (meta/v1 DeleteOptions); empty values are not sent.</summary>
public sealed record DeletePreconditions
{
    /// <summary>The object must have this uid.</summary>
    public string Uid { get; init; } = "";

    /// <summary>The object must have this resource version.</summary>
    public string ResourceVersion { get; init; } = "";

    /// <summary><c>Background</c>, <c>Foreground</c> or <c>Orphan</c>.</summary>
    public string PropagationPolicy { get; init; } = "";

    /// <summary>Seconds the object has to end by itself.</summary>
    public long? GracePeriodSeconds { get; init; }
}

/// <summary>Objects as of one resource version.</summary>
public sealed record ObjectList<T>(IReadOnlyList<T> Items, string ResourceVersion);

/// <summary>What a watch reports.</summary>
public enum WatchEventType
{
    /// <summary>An object appeared, in the store or in the selection.</summary>
    Added,

    /// <summary>An object changed.</summary>
    Modified,

    /// <summary>An object went, from the store or from the selection; as it was last.</summary>
    Deleted,

    /// <summary>Nothing happened up to this resource version.</summary>
    Bookmark,
}

/// <summary>One event of a watch. A bookmark has no object.</summary>
public sealed record WatchEvent<T>(WatchEventType Type, T? Object, string ResourceVersion)
    where T : class;
