// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>v1 ConfigMap.</summary>
internal static class ConfigMapDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "",
        Version = "v1",
        Kind = "ConfigMap",
        Plural = "configmaps",
        ShortNames = ["cm"],
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.core.v1.ConfigMap",
        Columns = CoreColumns.ConfigMaps,
        Validate = Validate,
    };

    private static IEnumerable<FieldError> Validate(ObjectOperation operation)
    {
        var data = operation.Object.Map("data") ?? [];
        var binary = operation.Object.Map("binaryData") ?? [];
        var bytes = data.Sum(p => (long)Encoding.UTF8.GetByteCount(p.Value.AsText()))
            + binary.Sum(p => DataRules.DecodedLength(p.Value.AsText()));
        return
        [
            .. ImmutableFields.CheckFrozen(operation, "data", "binaryData"),
            .. DataRules.CheckKeys(data, new("data")),
            .. data.Select(p => p.Key).Where(binary.ContainsKey).Order(StringComparer.Ordinal)
                .Select(k => new FieldPath("data").Key(k).Invalid(k, "duplicate of key present in binaryData")),
            .. DataRules.CheckKeys(binary, new("binaryData")),

            // The path of the whole object is printed so.
            .. bytes > SecretDefinition.MaxBytes ? [new FieldPath("[]").TooLong(SecretDefinition.MaxBytes)] : Array.Empty<FieldError>(),
        ];
    }
}
