// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>The field <c>acme</c> of issuers.</summary>
internal static class AcmeIssuerRules
{
    private const string Exclusive = "caBundle and skipTLSVerify are mutually exclusive and cannot both be set";

    public static IEnumerable<FieldError> Check(JsonObject acme, FieldPath path) =>
    [
        .. acme.Text("caBundle").Length > 0 && acme.IsTrue("skipTLSVerify")
            ? [path.Child("caBundle").Invalid("", Exclusive), path.Child("skipTLSVerify").Invalid(JsonValue.Create(true), Exclusive)]
            : Array.Empty<FieldError>(),
        .. FieldRules.CaBundle(acme, path),
        .. FieldRules.Required(
            acme.Map("privateKeySecretRef") ?? [], "name", path.Child("privateKeySecretRef"), "private key secret name is a required field"),
        .. FieldRules.Required(acme, "server", path, "acme server URL is a required field"),
        .. acme.Map("externalAccountBinding") is { } binding ? Binding(binding, path.Child("externalAccountBinding")) : [],
        .. acme.Items("solvers").Index().SelectMany(solver => SolverRules.Check(solver.Item, path.Child("solvers").Index(solver.Index))),
    ];

    private static IEnumerable<FieldError> Binding(JsonObject binding, FieldPath path) =>
    [
        .. FieldRules.Required(binding, "keyID", path, "the keyID field is required when using externalAccountBinding"),
        .. FieldRules.SecretKey(binding.Map("keySecretRef"), path.Child("keySecretRef")),
    ];
}
