// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;

namespace Sealock.Api.Serving;

/// <summary>
/// Runs the rules of a definition on an object, in their order: prepare, admit, validate, admit validating. For an
/// update through a subresource its own rules take the place of the resource's.
/// </summary>
internal sealed class ObjectRules(SchemaCatalog schemas)
{
    /// <summary>
    /// The longest name, for kinds that set no limit themselves: prefix, namespace and name fit into a store key.
    /// </summary>
    private const int MaxNameBytes = 1024;

    /// <summary>The rules on a new object.</summary>
    /// <exception cref="ApiException">It is refused.</exception>
    public void RunCreate(ObjectOperation operation)
    {
        var definition = operation.Definition;
        definition.PrepareForCreate?.Invoke(operation);
        Run(definition.Admission, operation);
        var errors = new List<FieldError>(MetadataRules.Check(operation.Object, null, definition));
        if (Encoding.UTF8.GetByteCount(Metadata(operation.Object).Text("name")) > MaxNameBytes)
        {
            errors.Add(new FieldError(
                FieldErrorType.TooLong, "metadata.name", null, $"may not be more than {MaxNameBytes} bytes"));
        }

        errors.AddRange(CheckStructure(operation));
        errors.AddRange(definition.Validate?.Invoke(operation) ?? []);
        ThrowIfAny(operation, errors);
        Run(definition.ValidatingAdmission, operation);
    }

    /// <summary>The rules on a changed object; <see cref="ObjectOperation.Old"/> is set.</summary>
    /// <exception cref="ApiException">It is refused.</exception>
    public void RunUpdate(ObjectOperation operation, JsonObject old)
    {
        var definition = operation.Definition;
        var subresource = operation.Subresource;
        InheritMetadata(Metadata(operation.Object), Metadata(old));
        if (subresource is null)
            definition.PrepareForUpdate?.Invoke(operation);
        else
            subresource.PrepareForUpdate?.Invoke(operation);
        Run(subresource?.Admission ?? definition.Admission, operation);
        var errors = new List<FieldError>(MetadataRules.Check(operation.Object, old, definition));
        errors.AddRange(CheckStructure(operation));
        errors.AddRange((subresource?.Validate ?? definition.Validate)?.Invoke(operation) ?? []);
        ThrowIfAny(operation, errors);
        Run(subresource?.ValidatingAdmission ?? definition.ValidatingAdmission, operation);
    }

    /// <summary>The rules on an object that is answered and not stored.</summary>
    /// <exception cref="ApiException">It is refused.</exception>
    public static void RunAction(ObjectOperation operation)
    {
        var definition = operation.Definition;
        var subresource = operation.Subresource;
        if (subresource is null)
            definition.PrepareForCreate?.Invoke(operation);
        Run(subresource?.Admission ?? definition.Admission, operation);
        var validate = subresource is null ? definition.Validate : subresource.Validate;
        List<FieldError> errors = [.. validate?.Invoke(operation) ?? []];
        ThrowIfAny(operation, errors);
        Run(subresource?.ValidatingAdmission ?? definition.ValidatingAdmission, operation);
    }

    /// <summary>Sets what the server alone decides on a new object.</summary>
    public static void InitializeMetadata(JsonObject metadata, DateTimeOffset now)
    {
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("managedFields");
        metadata.Remove("selfLink");
        metadata["uid"] = Guid.NewGuid().ToString();
        metadata["creationTimestamp"] = Timestamp(now);
    }

    /// <summary>The metadata of an object, which every decoded object has.</summary>
    public static JsonObject Metadata(JsonObject @object)
    {
        if (@object["metadata"] is JsonObject metadata)
            return metadata;
        metadata = [];
        @object["metadata"] = metadata;
        return metadata;
    }

    /// <summary>A time as Kubernetes writes it: UTC, whole seconds.</summary>
    public static string Timestamp(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Takes over what a client may leave out or may not change.</summary>
    private static void InheritMetadata(JsonObject metadata, JsonObject old)
    {
        metadata.Remove("managedFields");
        metadata.Remove("selfLink");
        if (metadata.Text("uid").Length == 0)
            Copy("uid");
        Copy("creationTimestamp");
        if (old["deletionTimestamp"] is not null)
            Copy("deletionTimestamp");
        if (old["deletionGracePeriodSeconds"] is not null && metadata["deletionGracePeriodSeconds"] is null)
            Copy("deletionGracePeriodSeconds");
        if (metadata["generation"] is null)
            Copy("generation");

        void Copy(string field)
        {
            if (old[field] is { } value)
                metadata[field] = value.DeepClone();
            else
                metadata.Remove(field);
        }
    }

    private static void Run(ImmutableArray<Action<ObjectOperation>> checks, ObjectOperation operation)
    {
        foreach (var check in checks)
            check(operation);
    }

    private IReadOnlyList<FieldError> CheckStructure(ObjectOperation operation)
    {
        var schema = schemas.Get(operation.Definition.SchemaName);
        return schema.IsStructural ? StructuralValidation.Check(operation.Object, schema) : [];
    }

    private static void ThrowIfAny(ObjectOperation operation, List<FieldError> errors)
    {
        if (errors.Count > 0)
            throw FieldError.ToException(operation.Definition.Group, operation.Definition.Kind, operation.Name, errors);
    }
}
