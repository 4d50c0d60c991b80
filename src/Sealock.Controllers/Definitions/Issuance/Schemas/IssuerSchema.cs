// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>cert-manager.io/v1 Issuer and ClusterIssuer, which differ in their scope alone.</summary>
internal static class IssuerSchema
{
    public static JsonObject Create(string description) => Kind(
        description,
        Object(
            "How certificates are issued: exactly one of the fields.",
            ("selfSigned", Object(
                "Each certificate is signed with its own key.",
                ("crlDistributionPoints", Texts("URLs of revocation lists that the certificates name.")))),
            ("ca", Authority()),
            ("acme", AcmeIssuerSchema.Create()),
            ("vault", VaultSchema.Create()),
            ("venafi", VenafiSchema.Create())),
        Object(
            "What is; written by the controllers.",
            ("conditions", Conditions("Ready", observedGeneration: true)),
            ("acme", Object(
                "The account at the ACME server.",
                ("uri", Text("URL of the account.")),
                ("lastRegisteredEmail", Text("Mail address that the account was registered with.")),
                ("lastPrivateKeyHash", Text("Hash of the key that the account was registered with."))))));

    private static JsonObject Authority() => Object(
        "A CA whose key and certificate stand in a Secret.",
        ("secretName!", Text("The Secret (tls.crt, tls.key); of a ClusterIssuer it stands in the cluster resource namespace.")),
        ("crlDistributionPoints", Texts("URLs of revocation lists that the certificates name.")),
        ("ocspServers", Texts("URLs of OCSP responders that the certificates name.")),
        ("issuingCertificateURLs", Texts("URLs of the CA's own certificate that the certificates name.")));
}
