// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Collections.Immutable;
using Sealock.Api.Definitions;
using Sealock.Api.Serving;

namespace Sealock.Gateway.Audit.Events;

/// <summary>What is taken out of which resource's objects, as the definitions say (<see cref="ResourceDefinition.SecretFields"/>).</summary>
internal sealed class BodyFilters(IEnumerable<ResourceDefinition> definitions)
{
    // Where an object was applied from, kubectl repeats all of it here.
    private static readonly string[] LastApplied = ["metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration"];

    private readonly FrozenDictionary<(string Group, string Resource, string Subresource), Pair> _filters = definitions
        .SelectMany(definition => definition.Subresources
            .Select(sub => (Name: sub.Name, Fields: definition.SecretFields.AddRange(sub.SecretFields)))
            .Append((Name: "", Fields: definition.SecretFields))
            .Select(one => KeyValuePair.Create((definition.Group, definition.Plural, one.Name), Pair.For(one.Fields))))
        .ToFrozenDictionary();

    /// <summary>
    /// The filter for what a request sends and is answered; null where no definition says what is secret in it: then nothing that
    /// was sent may be recorded.
    /// </summary>
    public BodyFilter? For(RequestInfo info, bool omitManagedFields)
    {
        if (!_filters.TryGetValue((info.Group, info.Resource, info.Subresource), out var pair))
            return null;
        return omitManagedFields ? pair.WithoutManagedFields : pair.Whole;
    }

    private sealed record Pair(BodyFilter Whole, BodyFilter WithoutManagedFields)
    {
        private static readonly Pair NothingSecret = new(BodyFilter.Nothing, BodyFilter.ManagedFields);

        public static Pair For(ImmutableArray<string> fields)
        {
            if (fields.IsEmpty)
                return NothingSecret;
            ImmutableArray<string[]> paths = [.. fields.Select(field => field.Split('.')), LastApplied];
            return new Pair(new BodyFilter(paths, omitManagedFields: false), new BodyFilter(paths, omitManagedFields: true));
        }
    }
}
