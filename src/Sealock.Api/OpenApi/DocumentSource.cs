// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Definitions;
using Sealock.Api.Schemas;

namespace Sealock.Api.OpenApi;

/// <summary>What goes into the documents: the paths of the resources, and every definition that these reach.</summary>
internal sealed class DocumentSource(IReadOnlyList<ResourceDefinition> resources, SchemaCatalog catalog, string version)
{
    public const string Title = "Kubernetes";

    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    private static readonly string[] Always =
    [
        Meta + "Status", Meta + "DeleteOptions", Meta + "Patch", Meta + "WatchEvent", Meta + "APIResourceList",
        Meta + "APIGroup",
    ];

    private readonly Dictionary<string, GroupVersionKind> _kinds = Kinds(resources, catalog);

    public string Version => version;

    /// <summary>The groups and versions as address parts, in order.</summary>
    public IEnumerable<string> Roots => resources.Select(ApiPaths.Root).Distinct().Order(StringComparer.Ordinal);

    /// <summary>The paths of one group and version, or (null) of all.</summary>
    public IEnumerable<ApiPath> Paths(string? root) => Resources(root)
        .SelectMany(resource => ApiPaths.Of(resource, catalog.Get(resource.SchemaName).IsStructural))
        .OrderBy(path => path.Path, StringComparer.Ordinal);

    /// <summary>The names of the definitions that the paths of a group, or of all, need; in order.</summary>
    public IEnumerable<string> Definitions(string? root)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        var open = new Stack<string>(Always.Concat(Resources(root).SelectMany(Names)));
        while (open.TryPop(out var name))
        {
            if (found.Add(name))
                Follow(catalog.Text(name).Span, open);
        }

        return found;
    }

    /// <summary>The definition's JSON.</summary>
    public ReadOnlyMemory<byte> Text(string name) => catalog.Text(name);

    /// <summary>The kind that a definition describes, where it is a resource's own.</summary>
    public GroupVersionKind? Kind(string name) => _kinds.TryGetValue(name, out var kind) ? kind : null;

    private IEnumerable<ResourceDefinition> Resources(string? root) =>
        resources.Where(resource => root is null || ApiPaths.Root(resource) == root);

    private IEnumerable<string> Names(ResourceDefinition resource) =>
    [
        resource.SchemaName,
        .. resource.Verbs.Contains("list") ? [resource.SchemaName + "List"] : Array.Empty<string>(),
        .. resource.Subresources.Select(s => s.SchemaName).OfType<string>(),
    ];

    private static Dictionary<string, GroupVersionKind> Kinds(
        IReadOnlyList<ResourceDefinition> resources, SchemaCatalog catalog)
    {
        var kinds = new Dictionary<string, GroupVersionKind>(StringComparer.Ordinal);
        foreach (var resource in resources)
        {
            kinds[resource.SchemaName] = new(resource.Group, resource.Version, resource.Kind);
            if (catalog.Contains(resource.SchemaName + "List"))
                kinds[resource.SchemaName + "List"] = new(resource.Group, resource.Version, resource.ListKind);
        }

        return kinds;
    }

    private static void Follow(ReadOnlySpan<byte> text, Stack<string> open)
    {
        var prefix = "\"#/definitions/"u8;
        for (var at = text.IndexOf(prefix); at >= 0; at = text.IndexOf(prefix))
        {
            text = text[(at + prefix.Length)..];
            open.Push(Encoding.UTF8.GetString(text[..text.IndexOf((byte)'"')]));
        }
    }
}
