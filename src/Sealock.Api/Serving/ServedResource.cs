// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Caching;
using Sealock.Api.Definitions;

namespace Sealock.Api.Serving;

/// <summary>A definition as it is served: with its cache and the bytes that every answer begins with.</summary>
internal sealed class ServedResource(ResourceDefinition definition, ResourceCache? cache)
{
    /// <summary>The definition.</summary>
    public ResourceDefinition Definition { get; } = definition;

    /// <summary>The stored objects.</summary>
    /// <exception cref="InvalidOperationException">Objects of this kind are not stored.</exception>
    public ResourceCache Cache =>
        cache ?? throw new InvalidOperationException($"{Definition.Plural} are not stored");

    /// <summary>
    /// What an object begins with in place of the brace of its item: <c>{"kind":…,"apiVersion":…,</c>.
    /// </summary>
    public byte[] ObjectStart { get; } =
        Encoding.UTF8.GetBytes($$"""{"kind":"{{definition.Kind}}","apiVersion":"{{definition.ApiVersion}}",""");

    /// <summary>What a list begins with: <c>{"kind":…,"apiVersion":…,"metadata":{</c>.</summary>
    public byte[] ListStart { get; } = Encoding.UTF8.GetBytes(
        $$"""{"kind":"{{definition.ListKind}}","apiVersion":"{{definition.ApiVersion}}","metadata":{""");

    /// <summary>What an item of a list begins with in place of its brace; empty: nothing takes its place.</summary>
    public byte[] ItemStart { get; } = IsBuiltIn(definition.Group)
        ? []
        : Encoding.UTF8.GetBytes($$"""{"apiVersion":"{{definition.ApiVersion}}","kind":"{{definition.Kind}}",""");

    /// <summary>Whether objects live in a namespace.</summary>
    public bool Namespaced => Definition.Scope == ResourceScope.Namespaced;

    /// <summary>The subresource of a name, or null.</summary>
    public Subresource? FindSubresource(string name)
    {
        foreach (var subresource in Definition.Subresources)
        {
            if (subresource.Name == name)
                return subresource;
        }

        return null;
    }

    private static bool IsBuiltIn(string group) =>
        !group.Contains('.', StringComparison.Ordinal) || group.EndsWith(".k8s.io", StringComparison.Ordinal);
}
