// SPDX-License-Identifier: Apache-2.0
using System.Collections.ObjectModel;
using Sealock.Api.Patching;
using Sealock.Api.Protobuf;

namespace Sealock.Api.Schemas;

/// <summary>
/// The compiled schema of one value: what decoding, pruning, defaulting, validation and strategic merging need, without
/// the descriptions. Compiled once per definition by <see cref="SchemaCatalog"/>, shared, and never changed afterwards.
/// </summary>
public sealed class SchemaNode : IPatchSchema
{
    internal SchemaNode(string? definition) => Definition = definition;

    /// <summary>
    /// The definition's name, such as <c>io.k8s.api.core.v1.Secret</c>; null for a schema written in place.
    /// </summary>
    public string? Definition { get; }

    /// <summary>What kind of JSON value is expected.</summary>
    public SchemaType Type { get; internal set; }

    /// <summary>The closer meaning of a string or a number.</summary>
    public SchemaFormat Format { get; internal set; }

    /// <summary>
    /// True for the schemas of custom resources (structural schemas): a value of the wrong type is an error of
    /// validation (422). False for Kubernetes' own kinds, where it is an error of decoding (400).
    /// </summary>
    public bool IsStructural { get; internal set; }

    /// <summary>The type's name as Kubernetes' own decoder prints it, such as <c>map[string]string</c>.</summary>
    public string GoType { get; internal set; } = "interface {}";

    /// <summary>The fields of an object, by their JSON name.</summary>
    public IReadOnlyDictionary<string, SchemaField> Fields { get; internal set; } =
        ReadOnlyDictionary<string, SchemaField>.Empty;

    /// <summary>The schema of a map's values.</summary>
    public SchemaNode? Values { get; internal set; }

    /// <summary>The schema of a list's items.</summary>
    public SchemaNode? Items { get; internal set; }

    /// <summary>The names of the fields that must be there.</summary>
    public IReadOnlyList<string> Required { get; internal set; } = [];

    /// <summary>The values allowed, as JSON texts; empty: any.</summary>
    public IReadOnlyList<string> Enum { get; internal set; } = [];

    /// <summary>The strings allowed, where all values allowed are strings; null otherwise.</summary>
    internal IReadOnlySet<string>? EnumTexts { get; set; }

    /// <summary>Whether fields that the schema does not know are kept (x-kubernetes-preserve-unknown-fields).</summary>
    public bool PreservesUnknownFields { get; internal set; }

    /// <summary>Whether the value is a whole object with kind, apiVersion and metadata of its own.</summary>
    public bool IsEmbeddedResource { get; internal set; }

    /// <summary>Whether null is a value of its own (structural schemas only).</summary>
    public bool IsNullable { get; internal set; }

    /// <summary>How a list is merged by server-side apply.</summary>
    public SchemaListType ListType { get; internal set; }

    /// <summary>The fields that together identify an item of a <see cref="SchemaListType.Map"/> list.</summary>
    public IReadOnlyList<string> ListMapKeys { get; internal set; } = [];

    /// <summary>Whether server-side apply replaces the object as a whole (x-kubernetes-map-type: atomic).</summary>
    public bool IsAtomicMap { get; internal set; }

    /// <summary>Bounds on the value; null where there are none.</summary>
    public SchemaBounds? Bounds { get; internal set; }

    /// <summary>Whether a default stands somewhere below, so that walking down is worth the while.</summary>
    public bool HasDefaults { get; internal set; }

    /// <summary>The fields by their numbers in protobuf; null where the object has no such form.</summary>
    internal WireTable? Wire { get; set; }

    /// <summary>The last segment of the definition's name, such as <c>Secret</c>.</summary>
    public string? ShortName => Definition?[(Definition.LastIndexOf('.') + 1)..];

    string IPatchSchema.Name => ShortName ?? GoType;

    PatchField? IPatchSchema.FindPatchField(string name) => Fields.TryGetValue(name, out var field)
        ? new PatchField(PatchTarget(field.Schema), field.PatchStrategy, field.PatchMergeKey)
        : null;

    private static SchemaNode? PatchTarget(SchemaNode schema) => schema.Type switch
    {
        SchemaType.Object => schema,
        SchemaType.Array => PatchTarget(schema.Items!),
        SchemaType.Map => PatchTarget(schema.Values!),
        _ => null,
    };
}

/// <summary>A field of an object: its schema, and what holds for the field rather than for its type.</summary>
/// <param name="Name">The JSON name.</param>
/// <param name="Schema">The value's schema.</param>
public sealed record SchemaField(string Name, SchemaNode Schema)
{
    /// <summary>The default's JSON text; null where there is none.</summary>
    public string? Default { get; init; }

    /// <summary>
    /// Strategic merge patch: <c>merge</c>, <c>replace</c>, <c>retainKeys</c>, or several with commas; null: none.
    /// </summary>
    public string? PatchStrategy { get; init; }

    /// <summary>Whether an empty value (<c>""</c>, 0, false, an empty list or map) is the same as none.</summary>
    public bool OmitsEmpty { get; init; }

    /// <summary>Strategic merge patch: the field that identifies an item of the list.</summary>
    public string? PatchMergeKey { get; init; }
}

/// <summary>Bounds of a structural schema; lengths count characters, a missing bound is null.</summary>
public sealed record SchemaBounds
{
    /// <summary>The smallest number.</summary>
    public double? Minimum { get; init; }

    /// <summary>The largest number.</summary>
    public double? Maximum { get; init; }

    /// <summary>Whether <see cref="Minimum"/> itself is excluded.</summary>
    public bool ExclusiveMinimum { get; init; }

    /// <summary>Whether <see cref="Maximum"/> itself is excluded.</summary>
    public bool ExclusiveMaximum { get; init; }

    /// <summary>The shortest string.</summary>
    public int? MinLength { get; init; }

    /// <summary>The longest string.</summary>
    public int? MaxLength { get; init; }

    /// <summary>The fewest items.</summary>
    public int? MinItems { get; init; }

    /// <summary>The most items.</summary>
    public int? MaxItems { get; init; }

    /// <summary>The fewest fields.</summary>
    public int? MinProperties { get; init; }

    /// <summary>The most fields.</summary>
    public int? MaxProperties { get; init; }

    /// <summary>The regular expression that a string must match somewhere.</summary>
    public string? Pattern { get; init; }
}

/// <summary>The kinds of value that a schema can ask for.</summary>
public enum SchemaType
{
    /// <summary>Anything; it is kept as it is.</summary>
    Any,

    /// <summary>An object with known fields.</summary>
    Object,

    /// <summary>An object with arbitrary keys and values of one schema.</summary>
    Map,

    /// <summary>A list.</summary>
    Array,

    /// <summary>A string.</summary>
    String,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>true or false.</summary>
    Boolean,

    /// <summary>A whole number of 32 bits or a string, such as a port's number or name.</summary>
    IntOrString,

    /// <summary>A resource quantity, such as <c>100m</c>; stored as a string, also accepted as a number.</summary>
    Quantity,
}

/// <summary>The closer meanings of strings and numbers that are checked.</summary>
public enum SchemaFormat
{
    /// <summary>None.</summary>
    None,

    /// <summary>32 bits.</summary>
    Int32,

    /// <summary>64 bits.</summary>
    Int64,

    /// <summary>Standard base64 with padding.</summary>
    Bytes,

    /// <summary>RFC 3339, kept to the second in UTC.</summary>
    Time,

    /// <summary>RFC 3339 with exactly six digits of fraction, in UTC.</summary>
    MicroTime,
}

/// <summary>The list types of server-side apply.</summary>
public enum SchemaListType
{
    /// <summary>Replaced as a whole.</summary>
    Atomic,

    /// <summary>Scalars, each at most once.</summary>
    Set,

    /// <summary>Objects identified by <see cref="SchemaNode.ListMapKeys"/>.</summary>
    Map,
}
