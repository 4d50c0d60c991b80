// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>The field <c>venafi</c> of issuers.</summary>
internal static class VenafiRules
{
    private const string Services = "please supply one of: tpp, cloud, ngts";

    public static IEnumerable<FieldError> Check(JsonObject venafi, FieldPath path) =>
    [
        .. FieldRules.Required(venafi, "zone", path),
        .. venafi.Map("tpp") is { } tpp
            ?
            [
                .. FieldRules.Required(tpp, "url", path.Child("tpp")),
                .. tpp.Text("caBundle").Length > 0 && tpp.Has("caBundleSecretRef")
                    ? [path.Child("tpp").Forbidden("may not specify more than one of caBundle/caBundleSecretRef as TPP CA Bundle")]
                    : Array.Empty<FieldError>(),
            ]
            : Array.Empty<FieldError>(),
        .. venafi.Map("ngts") is { } ngts
            ?
            [
                .. FieldRules.Required(ngts, "tsgID", path.Child("ngts")),
                .. FieldRules.Required(ngts.Map("credentialsRef") ?? [], "name", path.Child("ngts", "credentialsRef")),
            ]
            : Array.Empty<FieldError>(),
        .. ((string[])["tpp", "cloud", "ngts"]).Count(venafi.Has) switch
        {
            0 => [path.Required(Services)],
            > 1 => [path.Forbidden(Services)],
            _ => Array.Empty<FieldError>(),
        },
    ];
}
