// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>acme.cert-manager.io/v1 Order.</summary>
internal static class OrderSchema
{
    public static JsonObject Create() => Kind(
        "An order at an ACME server.",
        Object(
            "What is ordered.",
            ("request!", Bytes("The signing request (PKCS#10) that ends the order.")),
            ("issuerRef!", IssuerReference()),
            ("commonName", Text("Common name in the request; one of the names below.")),
            ("dnsNames", Texts("DNS names to show control of.")),
            ("ipAddresses", Texts("IP addresses to show control of.")),
            ("duration", Text("Lifetime that is asked for.")),
            ("profile", Text("Certificate profile that is asked for.")),
            ("replaces", Text("The certificate that this one replaces (RFC 9773).").With("maxLength", 256))),
        Object(
            "How it stands.",
            ("url", Text("URL of the order.")),
            ("finalizeURL", Text("URL that takes the signing request.")),
            ("state", State("State of the order.")),
            ("reason", Text("Why it is so.")),
            ("failureTime", Time("When it failed.")),
            ("certificate", Bytes("The certificate chain in PEM.")),
            ("authorizations", List("What is to be shown.", Object(
                "Control of one name.",
                ("url!", Text("URL of the authorization.")),
                ("identifier", Text("The name.")),
                ("wildcard", Flag("Whether the order names *.identifier.")),
                ("initialState", State("State when it was first seen.")),
                ("challenges", List("Ways to show it.", Object(
                    "A way.",
                    ("url!", Text("URL of the challenge.")),
                    ("token!", Text("The server's token.")),
                    ("type!", Text("Its type, such as http-01."))))))))));

    /// <summary>A state in ACME, or one of the controller's own.</summary>
    public static JsonObject State(string description) =>
        OneOf(description, "valid", "ready", "pending", "processing", "invalid", "expired", "errored");
}
