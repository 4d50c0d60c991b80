// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions;

/// <summary>Whether objects live in a namespace.</summary>
public enum ResourceScope
{
    /// <summary>Objects live in a namespace.</summary>
    Namespaced,

    /// <summary>Objects belong to the whole cluster.</summary>
    Cluster,
}

/// <summary>
/// Everything the API machinery knows of one resource: names, schema, columns and its rules as functions. Rules run in
/// this order: <see cref="PrepareForCreate"/> or <see cref="PrepareForUpdate"/> (the strategy: resets what the client
/// may not set), <see cref="Admission"/>, <see cref="Validate"/>, and where that found nothing <see cref="ValidatingAdmission"/>.
/// All run under no lock and must not block.
/// </summary>
public sealed record ResourceDefinition
{
    /// <summary>API group; empty for the core group.</summary>
    public required string Group { get; init; }

    /// <summary>API version, such as <c>v1</c>.</summary>
    public required string Version { get; init; }

    /// <summary>Kind, such as <c>Secret</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Plural resource name as in the URL.</summary>
    public required string Plural { get; init; }

    /// <summary>Singular resource name.</summary>
    public string Singular { get => field.Length == 0 ? Kind.ToLowerInvariant() : field; init; } = "";

    /// <summary>Abbreviations that kubectl accepts.</summary>
    public ImmutableArray<string> ShortNames { get; init; } = [];

    /// <summary>Categories such as <c>all</c>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Namespaced or cluster-scoped.</summary>
    public required ResourceScope Scope { get; init; }

    /// <summary>Verbs served on the resource itself.</summary>
    public ImmutableArray<string> Verbs { get; init; } = StandardVerbs;

    /// <summary>Name of the OpenAPI schema, such as <c>io.k8s.api.core.v1.Secret</c>.</summary>
    public required string SchemaName { get; init; }

    /// <summary>
    /// For kinds that are not Kubernetes' own: makes their structural schema (apiextensions.k8s.io/v1), when it is first
    /// needed. It may refer to Kubernetes' definitions as <c>#/definitions/NAME</c>.
    /// </summary>
    public Func<JsonObject>? Schema { get; init; }

    /// <summary>Whether values are encrypted at rest.</summary>
    public bool Encrypted { get; init; }

    /// <summary>
    /// Fields that audit records at no level: names joined by dots, <c>*</c> for every name or item, such as
    /// <c>spec.keystores.*.password</c>. In lists they are those of each item.
    /// </summary>
    public ImmutableArray<string> SecretFields { get; init; } = [];

    /// <summary>Objects vanish this long after they were last written; null keeps them.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Columns of the server-side table; empty shows name and age.</summary>
    public ImmutableArray<Column> Columns { get; init; } = [];

    /// <summary>Fields beside <c>metadata.name</c> and <c>metadata.namespace</c> that a field selector may name.</summary>
    public ImmutableArray<SelectableField> SelectableFields { get; init; } = [];

    /// <summary>Subresources, such as <c>status</c>.</summary>
    public ImmutableArray<Subresource> Subresources { get; init; } = [];

    /// <summary>Fills in defaults that the schema cannot express. Runs on every decoded object.</summary>
    public Action<JsonObject>? Default { get; init; }

    /// <summary>Resets what a client may not set on creation.</summary>
    public Action<ObjectOperation>? PrepareForCreate { get; init; }

    /// <summary>Resets what a client may not change through the resource itself.</summary>
    public Action<ObjectOperation>? PrepareForUpdate { get; init; }

    /// <summary>
    /// Called on deletion. May turn <see cref="ObjectOperation.Object"/> into the state that waits for its end and
    /// answer true (the object stays, with a deletion timestamp); otherwise finalizers alone decide.
    /// </summary>
    public Func<ObjectOperation, bool>? PrepareForDelete { get; init; }

    /// <summary>
    /// Whether an object that is being deleted (it has a deletion timestamp and no finalizers left) may go. Null: it may.
    /// </summary>
    public Func<JsonObject, bool>? MayVanish { get; init; }

    /// <summary>Admission checks in order; they may change the object, add warnings, or throw <see cref="ApiException"/>.</summary>
    public ImmutableArray<Action<ObjectOperation>> Admission { get; init; } = [];

    /// <summary>What is wrong with the object (and, on update, with the change), beside the rules on metadata.</summary>
    public Func<ObjectOperation, IEnumerable<FieldError>>? Validate { get; init; }

    /// <summary>
    /// Checks that only refuse, by throwing <see cref="ApiException"/>. They come last, as validating admission does in
    /// Kubernetes: who sends a faulty object is told its faults (422) before being told that he may not (403).
    /// </summary>
    public ImmutableArray<Action<ObjectOperation>> ValidatingAdmission { get; init; } = [];

    /// <summary>What is wrong with a name: messages without the field; null stands for the DNS subdomain rule.</summary>
    public Func<string, IEnumerable<string>>? ValidateName { get; init; }

    /// <summary>For kinds that are answered and not stored (reviews): makes the answer to a create.</summary>
    public Func<ObjectOperation, CancellationToken, ValueTask<JsonObject>>? Answer { get; init; }

    /// <summary>
    /// Told of every stored change, in revision order, before the request that made it is answered; once for each object
    /// at the start. For what must hold from the next request on, such as roles. Must not block.
    /// </summary>
    public Action<ObjectChange>? Observe { get; init; }

    /// <summary>Whether an update may create the object where it does not exist (leases and a few others).</summary>
    public bool CreateOnUpdate { get; init; }

    /// <summary>Whether an update must name the resource version that it replaces.</summary>
    public bool RequiresVersionOnUpdate { get; init; }

    /// <summary>Whether a deletion is answered with the object as it was last, and not with a Status.</summary>
    public bool ReturnsDeletedObject { get; init; }

    /// <summary>The eight verbs of an ordinary resource.</summary>
    public static ImmutableArray<string> StandardVerbs { get; } =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary><c>v1</c> or <c>group/version</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>Kind of a list of these objects.</summary>
    public string ListKind => Kind + "List";

    /// <summary>Whether objects are kept in the store.</summary>
    public bool Stored => Answer is null;

    /// <summary>The store's key prefix of this resource, ending in a slash.</summary>
    public string KeyPrefix => Group.Length == 0 ? $"/registry/{Plural}/" : $"/registry/{Group}/{Plural}/";
}

/// <summary>A field that a field selector may name: its label, and its value in an object (empty where absent).</summary>
public sealed record SelectableField(string Name, Func<JsonObject, string> Value);

/// <summary>A stored change of one object; <paramref name="Object"/> is null where it was deleted.</summary>
public sealed record ObjectChange(string Plural, string Namespace, string Name, JsonObject? Object);

/// <summary>A subresource: a part of an object with verbs and rules of its own, or an action on it.</summary>
public sealed record Subresource
{
    /// <summary>Name as in the URL, such as <c>status</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Verbs served.</summary>
    public ImmutableArray<string> Verbs { get; init; } = ["get", "patch", "update"];

    /// <summary>Group of the kind that is exchanged; null: the parent's.</summary>
    public string? Group { get; init; }

    /// <summary>Version of the kind that is exchanged; null: the parent's.</summary>
    public string? Version { get; init; }

    /// <summary>Kind that is exchanged; null: the parent's.</summary>
    public string? Kind { get; init; }

    /// <summary>Schema of the kind that is exchanged; null: the parent's.</summary>
    public string? SchemaName { get; init; }

    /// <summary>Fields of the kind that is exchanged which audit records at no level, beside those of the parent.</summary>
    public ImmutableArray<string> SecretFields { get; init; } = [];

    /// <summary>Resets everything that may not be changed through this subresource.</summary>
    public Action<ObjectOperation>? PrepareForUpdate { get; init; }

    /// <summary>Admission checks in order.</summary>
    public ImmutableArray<Action<ObjectOperation>> Admission { get; init; } = [];

    /// <summary>Checks that only refuse, after validation.</summary>
    public ImmutableArray<Action<ObjectOperation>> ValidatingAdmission { get; init; } = [];

    /// <summary>What is wrong with the change; null: the parent's rule.</summary>
    public Func<ObjectOperation, IEnumerable<FieldError>>? Validate { get; init; }

    /// <summary>For actions (create on a subresource): <see cref="ObjectOperation.Old"/> is the parent; makes the answer.</summary>
    public Func<ObjectOperation, CancellationToken, ValueTask<JsonObject>>? Answer { get; init; }
}
