// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Definitions;
using Sealock.Api.Selectors;

namespace Sealock.Api.Caching;

/// <summary>What a list or watch selects: a namespace (empty: all), labels and fields.</summary>
internal sealed class ObjectFilter(
    ResourceDefinition definition, string @namespace, LabelSelector labels, FieldSelector fields)
{
    private readonly bool anyLabels = labels.IsEverything;
    private readonly bool anyFields = fields.IsEverything;

    /// <summary>The namespace, or empty for all.</summary>
    public string Namespace => @namespace;

    /// <summary>Whether a namespace is all that is selected.</summary>
    public bool HasNoSelector => anyLabels && anyFields;

    /// <summary>The one name that the fields demand, or null.</summary>
    public string? ExactName { get; } = fields.TryGetExactValue("metadata.name", out var name) ? name : null;

    /// <summary>Whether at most one object, of <see cref="ExactName"/>, can be selected.</summary>
    public bool IsSingle =>
        ExactName is not null && (@namespace.Length > 0 || definition.Scope == ResourceScope.Cluster);

    /// <summary>Whether an object is selected.</summary>
    public bool Matches(CacheEntry entry) =>
        (@namespace.Length == 0 || entry.Namespace == @namespace)
        && (anyLabels || labels.Matches(entry.Labels))
        && (anyFields || MatchesFields(entry));

    private bool MatchesFields(CacheEntry entry) =>
        (ExactName is null || entry.Name == ExactName) && fields.Matches(entry.FieldsOf(definition));
}
