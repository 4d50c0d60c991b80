// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Patching;

/// <summary>What strategic merge patch must know of an object type.</summary>
public interface IPatchSchema
{
    /// <summary>The type's name, for error messages.</summary>
    string Name { get; }

    /// <summary>What is known of a field; null: the type has no such field.</summary>
    PatchField? FindPatchField(string name);
}

/// <summary>How a field is patched.</summary>
/// <param name="Schema">The schema of the object in the field, of a list's elements or of a map's values; null: none known.</param>
/// <param name="Strategies">The field's <c>x-kubernetes-patch-strategy</c>, comma-separated.</param>
/// <param name="MergeKey">The field's <c>x-kubernetes-patch-merge-key</c>; null: none.</param>
public readonly record struct PatchField(IPatchSchema? Schema, string? Strategies, string? MergeKey)
{
    /// <summary>Lists are merged, by <see cref="MergeKey"/> or as sets of scalars.</summary>
    public bool Merges => Has("merge");

    /// <summary>Objects are replaced whole.</summary>
    public bool Replaces => Has("replace");

    private bool Has(string strategy)
    {
        foreach (var range in Strategies.AsSpan().Split(','))
        {
            if (Strategies.AsSpan()[range].SequenceEqual(strategy))
            {
                return true;
            }
        }

        return false;
    }
}
