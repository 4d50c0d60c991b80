// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>The field <c>acme</c> of issuers.</summary>
internal static class AcmeIssuerSchema
{
    public static JsonObject Create() => Object(
        "An ACME server (RFC 8555), such as Let's Encrypt.",
        ("server!", Text("URL of the server's directory, such as https://acme-v02.api.letsencrypt.org/directory.")),
        ("privateKeySecretRef!", SecretKey("Where the account's key is kept; key tls.key where it is left out.")),
        ("email", Text("Mail address that the server may write to.")),
        ("externalAccountBinding", Object(
            "The account at the CA that the ACME account belongs to.",
            ("keyID!", Text("Name of the key that the CA gave.")),
            ("keySecretRef!", SecretKey("Where that key stands, as base64url without padding.")),
            ("keyAlgorithm", OneOf("Without effect: it is always HS256.", "HS256", "HS384", "HS512")))),
        ("solvers", List("How control of names is shown.", SolverSchema.Create())),
        ("preferredChain", Text("Common name of the topmost issuer of the chain to take, where the server offers several.").With("maxLength", 64)),
        ("profile", Text("Certificate profile to ask for, one of those in the server's directory.")),
        ("enableDurationFeature", Flag("Whether the Certificate's duration is asked for; not every server allows that.")),
        ("disableAccountKeyGeneration", Flag("Whether the account's key must be there already.")),
        ("renewalInformationSource", Text(
            "Where the time of renewal comes from; ARI (RFC 9773) where it is left out and the server offers it.")),
        ("caBundle", Bytes("CAs in PEM by which the server is verified; the system's where it is left out.")),
        ("skipTLSVerify", Flag("INSECURE: whether the server's certificate is not verified.")));
}
