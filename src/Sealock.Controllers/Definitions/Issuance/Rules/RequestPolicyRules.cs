// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>What a CertificateRequestPolicy may say.</summary>
internal static class RequestPolicyRules
{
    private static readonly FieldPath Path = new("spec");

    /// <summary>What is wrong with a policy.</summary>
    public static IEnumerable<FieldError> Check(JsonObject policy)
    {
        var spec = policy.Map("spec") ?? [];
        var selector = spec.Map("selector") ?? [];
        return
        [
            .. selector.Has("issuerRef") || selector.Has("namespace")
                ? Array.Empty<FieldError>()
                : [Path.Child("selector").Required("one of issuerRef or namespace must be defined, hint: `{}` on either matches everything")],
            .. Constraints(spec.Map("constraints") ?? [], Path.Child("constraints")),
            .. (spec.Map("plugins") ?? []).Select(plugin => Path.Child("plugins").NotSupported(plugin.Key)),
        ];
    }

    private static IEnumerable<FieldError> Constraints(JsonObject constraints, FieldPath path)
    {
        var errors = new List<FieldError>();
        var (shortest, longest) = (FieldRules.Duration(constraints, "minDuration", path, errors),
            FieldRules.Duration(constraints, "maxDuration", path, errors));
        if (longest < shortest)
        {
            errors.Add(path.Child("maxDuration").Invalid(
                constraints.Text("maxDuration"), "maxDuration must be the same value as minDuration or larger"));
        }

        var key = constraints.Map("privateKey") ?? [];
        var keyPath = path.Child("privateKey");
        var (smallest, largest) = (key.Number("minSize"), key.Number("maxSize"));
        if (key.Text("algorithm") == "Ed25519" && (smallest is not null || largest is not null))
            errors.Add(keyPath.Child("algorithm").Invalid("Ed25519", "maxSize and minSize cannot be defined with algorithm Ed25519"));
        foreach (var name in (ReadOnlySpan<string>)["minSize", "maxSize"])
        {
            if (key.Number(name) is { } size and (< 0 or > 8192))
                errors.Add(keyPath.Child(name).Invalid(size, "must be between 0 and 8192 inclusive"));
        }

        if (largest < smallest)
            errors.Add(keyPath.Child("maxSize").Invalid(largest.Value, "maxSize must be the same value as minSize or larger"));
        return errors;
    }
}
