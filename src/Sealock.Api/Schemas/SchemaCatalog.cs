// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;

namespace Sealock.Api.Schemas;

/// <summary>
/// Schemas by definition name: Kubernetes' own and those that came with the definitions of custom resources. A
/// definition is compiled when it is first asked for. The catalog is immutable; <see cref="With"/> makes a larger one.
/// </summary>
public sealed class SchemaCatalog
{
    private readonly SchemaCatalog? _parent;
    private readonly Dictionary<string, Lazy<ReadOnlyMemory<byte>>> _texts;
    private readonly bool _structural;
    private readonly ConcurrentDictionary<string, SchemaNode> _compiled = new(StringComparer.Ordinal);
    private readonly Dictionary<string, SchemaNode> _compiling = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    private SchemaCatalog(
        SchemaCatalog? parent, Dictionary<string, Lazy<ReadOnlyMemory<byte>>> texts, bool structural) =>
        (_parent, _texts, _structural) = (parent, texts, structural);

    /// <summary>The kinds of Kubernetes itself.</summary>
    public static SchemaCatalog Kubernetes { get; } = new(null, KubernetesSchemas.Load(), structural: false);

    /// <summary>All definition names, Kubernetes' own first, each group in ordinal order.</summary>
    public IEnumerable<string> Names => (_parent?.Names ?? []).Concat(_texts.Keys.Order(StringComparer.Ordinal));

    /// <summary>
    /// A catalog that also knows the structural schemas given: the kinds' OpenAPI v3 schemas as UTF-8 JSON, by
    /// definition name (<c>dev.sealock.v1.Agent</c>). They may refer to Kubernetes' definitions as
    /// <c>#/definitions/NAME</c>; the fields kind, apiVersion and metadata are added, and so is a definition of the
    /// kind's list (<c>NAMEList</c>).
    /// </summary>
    /// <exception cref="ArgumentException">A name is taken.</exception>
    public SchemaCatalog With(IEnumerable<KeyValuePair<string, ReadOnlyMemory<byte>>> structural) =>
        Extend(structural.Select(pair => KeyValuePair.Create(pair.Key, () => StructuralRoot.Parse(pair.Value))));

    /// <summary>
    /// A catalog that also knows the schemas that definitions bring themselves; each is made when it is first asked for.
    /// </summary>
    public SchemaCatalog WithSchemasOf(IEnumerable<ResourceDefinition> definitions) => Extend(definitions
        .Where(definition => definition.Schema is not null && !Contains(definition.SchemaName))
        .Select(definition => KeyValuePair.Create(definition.SchemaName, definition.Schema!)));

    private SchemaCatalog Extend(IEnumerable<KeyValuePair<string, Func<JsonObject>>> structural)
    {
        var texts = new Dictionary<string, Lazy<ReadOnlyMemory<byte>>>(StringComparer.Ordinal);
        foreach (var (name, schema) in structural)
        {
            if (Contains(name))
                throw new ArgumentException($"the definition name {name} is taken", nameof(structural));
            texts.Add(name, new(() => StructuralRoot.Complete(schema())));
            texts.Add(name + "List", new(() => StructuralRoot.ListOf(name)));
        }

        return new SchemaCatalog(this, texts, structural: true);
    }

    /// <summary>Whether a definition has this name.</summary>
    public bool Contains(string name) => _texts.ContainsKey(name) || _parent?.Contains(name) == true;

    /// <summary>The compiled schema of a definition, such as <c>io.k8s.api.core.v1.Secret</c>.</summary>
    /// <exception cref="KeyNotFoundException">There is no such definition.</exception>
    /// <exception cref="JsonException">What a catalog was made larger by is not the schema of an object.</exception>
    public SchemaNode Get(string name)
    {
        if (_compiled.TryGetValue(name, out var node))
            return node;
        if (!_texts.ContainsKey(name))
            return (_parent ?? throw new KeyNotFoundException($"there is no schema named {name}")).Get(name);
        lock (_lock)
        {
            try
            {
                var compiled = Compile(name);
                // Publish only what is complete: a definition still being filled stays visible to this thread alone.
                foreach (var (key, value) in _compiling)
                    _compiled[key] = value;
                return compiled;
            }
            finally
            {
                _compiling.Clear();
            }
        }
    }

    /// <summary>A copy of a definition as JSON, as it was given.</summary>
    /// <exception cref="KeyNotFoundException">There is no such definition.</exception>
    public JsonObject Document(string name) => StructuralRoot.Parse(Text(name));

    /// <summary>The definition as it was given, for the OpenAPI documents.</summary>
    internal ReadOnlyMemory<byte> Text(string name) => _texts.TryGetValue(name, out var text)
        ? text.Value
        : (_parent ?? throw new KeyNotFoundException($"there is no schema named {name}")).Text(name);

    private SchemaNode Compile(string name)
    {
        if (_compiled.TryGetValue(name, out var done) || _compiling.TryGetValue(name, out done))
            return done;
        if (!_texts.TryGetValue(name, out var text))
            return (_parent ?? throw new KeyNotFoundException($"there is no schema named {name}")).Get(name);
        var node = new SchemaNode(name);
        _compiling.Add(name, node);
        using var document = JsonDocument.Parse(text.Value, new JsonDocumentOptions { MaxDepth = 256 });
        new SchemaReader(Compile, _structural).Fill(node, document.RootElement);
        return node;
    }
}
