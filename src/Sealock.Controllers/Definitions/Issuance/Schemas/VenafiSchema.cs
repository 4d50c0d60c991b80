// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>The field <c>venafi</c> of issuers: kept as it is written, for objects that come from cert-manager.</summary>
internal static class VenafiSchema
{
    public static JsonObject Create() => Object(
        "Venafi. Not issued from here; another controller may.",
        ("zone!", Text("The policy zone.")),
        ("tpp", Object(
            "A server of one's own.",
            ("url!", Text("Its URL.")),
            ("credentialsRef!", SecretName("Secret with user name and password, or a token.")),
            ("caBundle", Bytes("CAs in PEM by which it is verified.")),
            ("caBundleSecretRef", SecretKey("Where such CAs stand.")))),
        ("cloud", Object(
            "The service.",
            ("url", Text("Its URL.")),
            ("apiTokenSecretRef!", SecretKey("Where the API token stands.")))),
        ("ngts", Object(
            "The service with OAuth client credentials.",
            ("tsgID!", Text("Id of the tenant service group.")),
            ("credentialsRef!", SecretName("Secret with the credentials.")),
            ("tokenEndpoint", Text("URL where tokens are had.")),
            ("url", Text("Its URL.")))));
}
