// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Selectors;

namespace Sealock.Api.Serving;

/// <summary>The parameters of a list or a watch (meta/v1 ListOptions), read and checked.</summary>
internal sealed record ListOptions
{
    /// <summary>What is selected.</summary>
    public required ObjectFilter Filter { get; init; }

    /// <summary>The resource version as sent.</summary>
    public string VersionText { get; private init; } = "";

    /// <summary>The resource version; 0 also where none was sent.</summary>
    public long Version { get; private init; }

    /// <summary><c>Exact</c>, <c>NotOlderThan</c> or empty.</summary>
    public string VersionMatch { get; private init; } = "";

    /// <summary>The most items of a page; 0 is no limit.</summary>
    public long Limit { get; private init; }

    /// <summary>The continue token as sent.</summary>
    public string Continue { get; private init; } = "";

    /// <summary>Whether a watch wants bookmarks.</summary>
    public bool AllowBookmarks { get; private init; }

    /// <summary>Whether a watch begins with the present state; null where it was not said.</summary>
    public bool? SendInitialEvents { get; private init; }

    /// <summary>How long a watch may take; null leaves it to the server.</summary>
    public TimeSpan? Timeout { get; private init; }

    /// <summary>Reads the parameters of a request.</summary>
    /// <exception cref="ApiException">400 or 422: a parameter is malformed or they contradict each other.</exception>
    public static ListOptions Read(in RequestScope scope, bool watch)
    {
        var query = scope.Request.Query;
        var options = new ListOptions
        {
            Filter = FilterOf(scope),
            VersionText = query["resourceVersion"],
            Version = VersionOf(query["resourceVersion"]),
            VersionMatch = query["resourceVersionMatch"],
            Limit = NumberOf(query, "limit") ?? 0,
            Continue = query["continue"],
            AllowBookmarks = query.IsTrue("allowWatchBookmarks"),
            SendInitialEvents = query.Has("sendInitialEvents") ? query.IsTrue("sendInitialEvents") : null,
            Timeout = NumberOf(query, "timeoutSeconds") is { } seconds and > 0
                ? TimeSpan.FromSeconds(Math.Min(seconds, 24 * 60 * 60))
                : null,
        };
        var errors = watch ? options.WatchErrors() : options.ListErrors();
        return errors.Count == 0 ? options : throw FieldError.ToException("meta.k8s.io", "ListOptions", "", errors);
    }

    /// <summary>What a request selects.</summary>
    public static ObjectFilter FilterOf(in RequestScope scope)
    {
        var query = scope.Request.Query;
        if (!LabelSelector.TryParse(query["labelSelector"], out var labels, out var error))
            throw ApiException.BadRequest(error);
        if (!FieldSelector.TryParse(query["fieldSelector"], out var fields, out error))
            throw ApiException.BadRequest(error);
        var definition = scope.Definition;
        if (fields.FirstUnsupported(field => IsSelectable(definition, field)) is { } unknown)
        {
            throw ApiException.BadRequest(definition.SelectableFields.Length > 0
                ? $"field label not supported: {unknown}"
                : $"{GoText.Quote(unknown)} is not a known field selector: only \"metadata.name\", "
                    + "\"metadata.namespace\"");
        }

        // The legacy watch of one object has its name in the path.
        if (scope.Request.Info.NameInPath)
        {
            var text = fields.IsEverything ? "" : fields + ",";
            fields = FieldSelector.Parse($"{text}metadata.name={FieldSelector.Escape(scope.Name)}");
        }

        return new ObjectFilter(definition, scope.Namespace, labels, fields);
    }

    /// <summary>A resource version as a number; empty is 0.</summary>
    /// <exception cref="ApiException">500, as kube-apiserver has it: it is none.</exception>
    public static long VersionOf(string text)
    {
        if (text.Length == 0)
            return 0;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : throw new ApiException(
                500,
                "",
                $"resourceVersion: Invalid value: {GoText.Quote(text)}: strconv.ParseUint: parsing "
                    + $"{GoText.Quote(text)}: invalid syntax");
    }

    private static bool IsSelectable(ResourceDefinition definition, string field) =>
        field is "metadata.name" || (field is "metadata.namespace" && definition.Scope == ResourceScope.Namespaced)
            || definition.SelectableFields.Any(known => known.Name == field);

    private static long? NumberOf(QueryParameters query, string name)
    {
        var text = query[name];
        if (text.Length == 0)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw ApiException.BadRequest($"strconv.ParseInt: parsing {GoText.Quote(text)}: invalid syntax");
    }

    private List<FieldError> ListErrors()
    {
        var errors = new List<FieldError>();
        if (VersionMatch.Length > 0)
        {
            if (VersionText.Length == 0)
                errors.Add(Match("resourceVersionMatch is forbidden unless resourceVersion is provided"));
            if (Continue.Length > 0)
                errors.Add(Match("resourceVersionMatch is forbidden when continue is provided"));
            if (VersionMatch is not ("Exact" or "NotOlderThan"))
            {
                errors.Add(FieldError.NotSupported(
                    "resourceVersionMatch", GoText.Quote(VersionMatch), ["Exact", "NotOlderThan", ""]));
            }

            if (VersionMatch == "Exact" && VersionText == "0")
                errors.Add(Match("resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\""));
        }

        if (SendInitialEvents is not null)
            errors.Add(FieldError.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        return errors;
    }

    private List<FieldError> WatchErrors()
    {
        var errors = new List<FieldError>();
        if (SendInitialEvents is not null && VersionMatch != "NotOlderThan")
            errors.Add(Match("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        if (VersionMatch.Length > 0)
        {
            if (SendInitialEvents is null)
                errors.Add(Match("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
            if (VersionMatch != "NotOlderThan")
            {
                errors.Add(
                    FieldError.NotSupported("resourceVersionMatch", GoText.Quote(VersionMatch), ["NotOlderThan"]));
            }

            if (Continue.Length > 0)
                errors.Add(Match("resourceVersionMatch is forbidden when continue is provided"));
        }

        return errors;
    }

    private static FieldError Match(string detail) => FieldError.Forbidden("resourceVersionMatch", detail);
}
