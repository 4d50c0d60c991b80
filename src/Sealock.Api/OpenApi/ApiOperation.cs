// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.OpenApi;

/// <summary>A URL path of the API and what can be done there.</summary>
internal sealed record ApiPath(string Path, IReadOnlyList<ApiOperation> Operations)
{
    public bool HasName => Path.Contains("/{name}", StringComparison.Ordinal);

    public bool HasNamespace => Path.Contains("/{namespace}", StringComparison.Ordinal);
}

/// <summary>One method on a path, with the kind that it is about.</summary>
internal sealed record ApiOperation
{
    /// <summary>HTTP method, lower case.</summary>
    public required string Method { get; init; }

    /// <summary>Kubernetes' word for it (x-kubernetes-action).</summary>
    public required string Action { get; init; }

    public required string Id { get; init; }

    public required string Tag { get; init; }

    public required string Description { get; init; }

    public required GroupVersionKind Kind { get; init; }

    /// <summary>Definition of the body; null: none.</summary>
    public string? Request { get; init; }

    public bool RequestRequired { get; init; } = true;

    public IReadOnlyList<string> Consumes { get; init; } = ["*/*"];

    /// <summary>Definition of the answer.</summary>
    public required string Response { get; init; }

    /// <summary>The status codes of success.</summary>
    public IReadOnlyList<(string Code, string Text)> Successes { get; init; } = [("200", "OK")];

    public IReadOnlyList<ApiParameter> Query { get; init; } = [];
}

/// <summary>A parameter; <paramref name="Type"/> is string, integer or boolean.</summary>
internal sealed record ApiParameter(string Name, string Type, string Description)
{
    public static ApiParameter Pretty { get; } = new("pretty", "string",
        "If 'true', then the output is pretty printed. Defaults to 'false' unless the user-agent indicates a browser "
        + "or command-line HTTP tool (curl and wget).");

    public static ApiParameter ObjectName { get; } = new("name", "string", "name of the object");

    public static ApiParameter Namespace { get; } = new("namespace", "string",
        "object name and auth scope, such as for teams and projects");

    private static readonly ApiParameter DryRun = new("dryRun", "string",
        "When present, indicates that modifications should not be persisted. Valid values are: All: all dry run stages "
        + "will be processed");

    private static readonly ApiParameter FieldManager = new("fieldManager", "string",
        "The name of the actor or entity that is making these changes: at most 128 printable characters.");

    private static readonly ApiParameter FieldValidation = new("fieldValidation", "string",
        "What to do with unknown and duplicate fields. Valid values are: Ignore: drop them silently; Warn: drop them "
        + "and warn (the default); Strict: fail with a BadRequest error.");

    /// <summary>Of create, update and patch.</summary>
    public static IReadOnlyList<ApiParameter> Writing { get; } = [DryRun, FieldManager, FieldValidation];

    /// <summary>Of lists and watches.</summary>
    public static IReadOnlyList<ApiParameter> Listing { get; } =
    [
        new("allowWatchBookmarks", "boolean", "Requests watch events with type BOOKMARK."),
        new("continue", "string", "The continue token of the previous page."),
        new("fieldSelector", "string", "Restricts the objects by their fields. Defaults to everything."),
        new("labelSelector", "string", "Restricts the objects by their labels. Defaults to everything."),
        new("limit", "integer", "The most objects to return in one page."),
        new("resourceVersion", "string", "Constrains which resource versions a request may be served from."),
        new("resourceVersionMatch", "string", "How resourceVersion is applied to list calls: Exact or NotOlderThan."),
        new("sendInitialEvents", "boolean", "Starts a watch with synthetic events that produce the current state."),
        new("timeoutSeconds", "integer", "Timeout for the list or watch call, in seconds."),
        new("watch", "boolean", "Watch for changes and return them as a stream of events."),
    ];

    /// <summary>Of deletions.</summary>
    public static IReadOnlyList<ApiParameter> Deleting { get; } =
    [
        DryRun,
        new("gracePeriodSeconds", "integer", "Seconds before the object should be deleted; zero means at once."),
        new("orphanDependents", "boolean", "Deprecated: use propagationPolicy. Whether dependents are orphaned."),
        new("propagationPolicy", "string", "How dependents are deleted: Orphan, Background or Foreground."),
    ];

    /// <summary>Of the deletion of a collection.</summary>
    public static IReadOnlyList<ApiParameter> DeletingMany { get; } =
        [.. Deleting, .. Listing.Where(p => p.Name is not ("watch" or "allowWatchBookmarks"))];
}

/// <summary>What Kubernetes calls a kind's full name.</summary>
internal readonly record struct GroupVersionKind(string Group, string Version, string Kind);
