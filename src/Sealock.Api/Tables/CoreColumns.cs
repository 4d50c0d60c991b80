// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json;
using static Sealock.Api.Tables.Cells;

namespace Sealock.Api.Tables;

/// <summary>Columns of the core group's kinds, but pods, nodes, services and what belongs to services.</summary>
public static class CoreColumns
{
    /// <summary>v1 Namespace.</summary>
    public static ImmutableArray<Column> Namespaces { get; } =
        [Name, Of("Status", "The status of the namespace", o => Text(o, "status", "phase")), Age];

    /// <summary>v1 Secret.</summary>
    public static ImmutableArray<Column> Secrets { get; } =
    [
        Name,
        Of("Type", "What programs use the secret for.", o => Text(o, "type")),
        Count("Data", "The number of values.", o => Map(o, "data").Count()),
        Age,
    ];

    /// <summary>v1 ConfigMap.</summary>
    public static ImmutableArray<Column> ConfigMaps { get; } =
    [
        Name,
        Count("Data", "The number of values.", o => Map(o, "data").Count() + Map(o, "binaryData").Count()),
        Age,
    ];

    /// <summary>v1 ServiceAccount.</summary>
    public static ImmutableArray<Column> ServiceAccounts { get; } =
        [Name, Count("Secrets", "The number of secrets that pods under this account may use.", o => List(o, "secrets").Count()), Age];

    /// <summary>v1 Event.</summary>
    public static ImmutableArray<Column> Events { get; } =
    [
        Of("Last Seen", "The time since the event was last recorded.", LastSeen),
        Of("Type", "The kind of event: Normal or Warning, others may follow.", o => Text(o, "type")),
        Of("Reason", "Why the object changed, as one word.", o => Text(o, "reason")),
        Of("Object", "The object that the event is about.", Target),
        Of("Subobject", "The part of the object that the event is about.", o => Text(o, "involvedObject", "fieldPath"), 1),
        Of("Source", "The component that reported the event.", Source, 1),
        Of("Message", "What happened, in words.", o => Text(o, "message").Trim()),
        Of("First Seen", "The time since the event was first recorded.", FirstSeen, 1),
        Count("Count", "How often the event occurred.", Occurrences, 1),
        Name with { Priority = 1 },
    ];

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static ImmutableArray<Column> Leases { get; } =
        [Name, Of("Holder", "Who holds the lease.", o => Text(o, "spec", "holderIdentity")), Age];

    private static string FirstSeen(JsonElement item, DateTimeOffset now) =>
        HumanDuration.Since(Or(Text(item, "firstTimestamp"), Text(item, "eventTime")), now);

    private static string LastSeen(JsonElement item, DateTimeOffset now)
    {
        if (Find(item, "series").ValueKind == JsonValueKind.Object)
        {
            return HumanDuration.Since(Text(item, "series", "lastObservedTime"), now);
        }

        var last = Text(item, "lastTimestamp");
        return last.Length > 0 ? HumanDuration.Since(last, now) : FirstSeen(item, now);
    }

    // A series counts what came after the event that began it.
    private static long Occurrences(JsonElement item) => Find(item, "series").ValueKind == JsonValueKind.Object
        ? Number(item, "series", "count") + 1
        : Math.Max(1, Number(item, "count"));

    private static string Target(JsonElement item)
    {
        var kind = Text(item, "involvedObject", "kind").ToLowerInvariant();
        var name = Text(item, "involvedObject", "name");
        return name.Length > 0 ? $"{kind}/{name}" : kind;
    }

    private static string Source(JsonElement item)
    {
        var component = Or(Text(item, "source", "component"), Text(item, "reportingComponent"));
        var instance = Or(Text(item, "source", "host"), Text(item, "reportingInstance"));
        return instance.Length > 0 ? $"{component}, {instance}" : component;
    }
}
