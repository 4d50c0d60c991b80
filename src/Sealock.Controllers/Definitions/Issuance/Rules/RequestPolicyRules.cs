// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Controllers.Approval;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>
/// What a CertificateRequestPolicy may say. Why it could not be evaluated is known before it is stored: a mistake is
/// refused; what only this approver cannot do is stored, with a warning, and approves nothing.
/// </summary>
internal static class RequestPolicyRules
{
    /// <summary>What is wrong with a policy.</summary>
    public static IEnumerable<FieldError> Check(JsonObject policy) => Faults(policy)
        .Where(fault => !IsUnsupported(fault.Path)).Select(fault => FieldError.Invalid(fault.Path, null, fault.Words));

    /// <summary>Tells what this approver cannot do.</summary>
    public static void Warn(ObjectOperation operation)
    {
        foreach (var (path, words) in Faults(operation.Object).Where(fault => IsUnsupported(fault.Path)))
            operation.Warnings.Add($"{path}: {words}; the policy approves nothing");
    }

    private static bool IsUnsupported(string path) =>
        path.EndsWith(".validations", StringComparison.Ordinal) || path.StartsWith("spec.plugins", StringComparison.Ordinal);

    private static IEnumerable<(string Path, string Words)> Faults(JsonObject policy)
    {
        try
        {
            var spec = policy.Deserialize(PolicyJson.Default.PolicyView)?.Spec ?? new PolicySpecView();
            return PolicyReadiness.Faults(spec).Select(fault => fault.Split(": ", 2) is [var path, var words] ? (path, words) : ("spec", fault));
        }
        catch (JsonException)
        {
            // A value of the wrong type, which the schema refuses.
            return [];
        }
    }
}
