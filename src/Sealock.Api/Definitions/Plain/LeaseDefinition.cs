// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Api.Tables;

namespace Sealock.Api.Definitions.Plain;

/// <summary>coordination.k8s.io/v1 Lease.</summary>
internal static class LeaseDefinition
{
    public static ResourceDefinition Value { get; } = new()
    {
        Group = "coordination.k8s.io",
        Version = "v1",
        Kind = "Lease",
        Plural = "leases",
        Scope = ResourceScope.Namespaced,
        SchemaName = "io.k8s.api.coordination.v1.Lease",
        Columns = CoreColumns.Leases,
        CreateOnUpdate = true,
        RequiresVersionOnUpdate = true,
        Validate = Validate,
    };

    private static IEnumerable<FieldError> Validate(ObjectOperation operation)
    {
        var spec = operation.Object.Map("spec");
        if (spec.Number("leaseDurationSeconds") is <= 0 and var duration)
        {
            yield return new FieldPath("spec").Child("leaseDurationSeconds").Invalid(duration, "must be greater than 0");
        }

        if (spec.Number("leaseTransitions") is < 0 and var transitions)
        {
            yield return new FieldPath("spec").Child("leaseTransitions").Invalid(transitions, "must be greater than or equal to 0");
        }
    }
}
