// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 Event: kept for an hour.</summary>
internal static class EventDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "Event",
        Plural = "events",
        ShortNames = ["ev"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.Event",
        Columns = CoreColumns.Events,
        TimeToLive = TimeSpan.FromHours(1),
        CreateOnUpdate = true,
        ValidateName = NameRules.PathSegment,
        SelectableFields =
        [
            .. ((string[])["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"]).Select(
                f => new SelectableField("involvedObject." + f, o => o.Map("involvedObject").Text(f))),
            new("reason", o => o.Text("reason")),
            new("reportingComponent", o => o.Text("reportingComponent")),
            new("source", o => o.Map("source").Text("component") is { Length: > 0 } c ? c : o.Text("reportingComponent")),
            new("type", o => o.Text("type")),
        ],
        Default = Default,
        Validate = operation => Validate(operation.Object),
    };

    // These are always there, also empty.
    private static void Default(JsonObject value)
    {
        value.Ensure("source");
        value.Default("reportingComponent", "");
        value.Default("reportingInstance", "");
    }

    private static IEnumerable<FieldError> Validate(JsonObject value)
    {
        var space = value.Map("metadata").Text("namespace");
        var target = value.Map("involvedObject").Text("namespace");
        var path = new FieldPath("involvedObject").Child("namespace");
        var isNew = value.Has("eventTime");
        var matches = isNew ? target.Length > 0 || space == "kube-system"
            : target.Length == 0 ? space is "" or "default" : space == target;
        if (!matches)
        {
            yield return path.Invalid(target, "does not match event.namespace");
        }

        foreach (var error in isNew ? CheckSource(value) : [])
        {
            yield return error;
        }
    }

    // Events with eventTime follow the rules of the newer events API.
    private static IEnumerable<FieldError> CheckSource(JsonObject value)
    {
        var reporter = value.Text("reportingComponent");
        if (reporter.Length == 0)
        {
            yield return new FieldPath("reportingController").Required();
        }

        foreach (var wrong in NameRules.LabelKey(reporter))
        {
            yield return new FieldPath("reportingController").Invalid(reporter, wrong);
        }

        foreach (var (field, limit) in ((string, int)[])[("reportingInstance", 128), ("action", 128), ("reason", 128), ("message", 1024)])
        {
            var text = value.Text(field);
            if (text.Length == 0 && field != "message")
            {
                yield return new FieldPath(field).Required();
            }

            if (Encoding.UTF8.GetByteCount(text) > limit)
            {
                yield return new FieldPath(field).Invalid(
                    "", FormattableString.Invariant($"can have at most {limit} characters"));
            }
        }
    }
}
