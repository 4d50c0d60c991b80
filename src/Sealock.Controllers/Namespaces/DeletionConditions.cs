// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Namespaces;

/// <summary>What is left of a namespace that is being deleted.</summary>
internal sealed record NamespaceContent
{
    /// <summary>Groups that could not be asked what they serve.</summary>
    public ImmutableArray<string> DiscoveryFailures { get; init; } = [];

    /// <summary>Resources whose objects could not be deleted, and why.</summary>
    public ImmutableArray<string> DeletionFailures { get; init; } = [];

    /// <summary>How many objects are left, by <c>plural.group</c>.</summary>
    public ImmutableSortedDictionary<string, int> Remaining { get; init; } =
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>How many objects wait for a finalizer, by finalizer.</summary>
    public ImmutableSortedDictionary<string, int> Finalizers { get; init; } =
        ImmutableSortedDictionary.Create<string, int>(StringComparer.Ordinal);

    /// <summary>Whether nothing is left, as far as could be seen.</summary>
    public bool IsEmpty => DiscoveryFailures.IsEmpty && DeletionFailures.IsEmpty && Remaining.IsEmpty;
}

/// <summary>The five conditions by which a namespace says why it is still there, in Kubernetes' words.</summary>
internal static class DeletionConditions
{
    /// <summary>The conditions of a namespace with this content; those that did not change keep their time.</summary>
    public static JsonArray Of(NamespaceContent content, IReadOnlyList<ConditionView> before, DateTimeOffset now)
    {
        ConditionView[] current =
        [
            State("NamespaceDeletionDiscoveryFailure",
                content.DiscoveryFailures.IsEmpty ? null : ("DiscoveryFailed",
                    $"Discovery failed for some groups, {content.DiscoveryFailures.Length} failing: {Join(content.DiscoveryFailures)}"),
                ("ResourcesDiscovered", "All resources successfully discovered")),
            State("NamespaceDeletionGroupVersionParsingFailure", null,
                ("ParsedGroupVersions", "All legacy kube types successfully parsed")),
            State("NamespaceDeletionContentFailure",
                content.DeletionFailures.IsEmpty ? null : ("ContentDeletionFailed",
                    $"Failed to delete all resource types, {content.DeletionFailures.Length} remaining: {Join(content.DeletionFailures)}"),
                ("ContentDeleted", "All content successfully deleted, may be waiting on finalization")),
            State("NamespaceContentRemaining",
                content.Remaining.IsEmpty ? null : ("SomeResourcesRemain",
                    "Some resources are remaining: " +
                    Join(content.Remaining.Select(pair => $"{pair.Key} has {pair.Value} resource instances"))),
                ("ContentRemoved", "All content successfully removed")),
            State("NamespaceFinalizersRemaining",
                content.Finalizers.IsEmpty ? null : ("SomeFinalizersRemain",
                    "Some content in the namespace has finalizers remaining: " +
                    Join(content.Finalizers.Select(pair => $"{pair.Key} in {pair.Value} resource instances"))),
                ("ContentHasNoFinalizers", "All content-preserving finalizers finished")),
        ];
        return
        [
            .. before.Where(old => current.All(state => state.Type != old.Type)).Select(old => (JsonNode)Json(old, old.LastTransitionTime ?? now)),
            .. current.Select(state => (JsonNode)Json(state, Since(state, before) ?? now)),
        ];
    }

    /// <summary>Whether the namespace says so already.</summary>
    public static bool Equal(JsonArray conditions, IReadOnlyList<ConditionView> before) =>
        conditions.Count == before.Count && conditions.OfType<JsonObject>().All(condition => before.Any(old =>
            old.Type == condition.Text("type") && old.Status == condition.Text("status") &&
            old.Reason == condition.Text("reason") && old.Message == condition.Text("message")));

    private static ConditionView State(
        string type, (string Reason, string Message)? problem, (string Reason, string Message) fine) => new()
        {
            Type = type,
            Status = problem is null ? "False" : "True",
            Reason = (problem ?? fine).Reason,
            Message = (problem ?? fine).Message,
        };

    private static DateTimeOffset? Since(ConditionView state, IReadOnlyList<ConditionView> before) =>
        before.FirstOrDefault(old => old.Type == state.Type && old.Status == state.Status)?.LastTransitionTime;

    private static JsonObject Json(ConditionView condition, DateTimeOffset since) => new JsonObject
    {
        ["type"] = condition.Type,
        ["status"] = condition.Status,
        ["lastTransitionTime"] = ObjectFields.Rfc3339(since),
        ["reason"] = condition.Reason,
        ["message"] = condition.Message,
    };

    private static string Join(IEnumerable<string> parts) => string.Join(", ", parts);
}
