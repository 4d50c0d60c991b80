// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>cert-manager.io/v1 CertificateRequest.</summary>
internal static class CertificateRequestSchema
{
    public static JsonObject Create() => Kind(
        "A request to an issuer for one certificate. What is asked cannot be changed.",
        Object(
            "What is asked for.",
            ("request!", Bytes("The signing request (PKCS#10) in PEM.")),
            ("issuerRef!", IssuerReference()),
            ("duration", Text("Lifetime that is asked for, such as 2160h.")),
            ("isCA", Flag("Whether a CA certificate is asked for; must agree with the signing request.")),
            ("usages", Usages("Usages and purposes; must agree with the signing request where that names any.")),
            ("username", Text("Who made the request; set by the server.")),
            ("uid", Text("Uid of who made the request; set by the server.")),
            ("groups", Texts("Groups of who made the request; set by the server.")),
            ("extra", Map("Further attributes of who made the request; set by the server.",
                new JsonObject { ["type"] = "array", ["items"] = Text() }))),
        Object(
            "What has become of it.",
            ("conditions", Conditions("Ready, InvalidRequest, Approved, Denied", observedGeneration: false)),
            ("certificate", Bytes("The certificate in PEM, followed by those of the CAs between it and the root.")),
            ("ca", Bytes("The root's certificate in PEM, where it is known.")),
            ("failureTime", Time("When it failed for good."))));
}
