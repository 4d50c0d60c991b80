// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>acme.cert-manager.io/v1 Challenge.</summary>
internal static class ChallengeSchema
{
    public static JsonObject Create() => Kind(
        "A challenge of an ACME server: control of one name is to be shown.",
        Object(
            "What is to be shown, and how.",
            ("url!", Text("URL of the challenge.")),
            ("authorizationURL!", Text("URL of the authorization that it belongs to.")),
            ("dnsName!", Text("The name, without the asterisk of a wildcard.")),
            ("wildcard", Flag("Whether the order names *.dnsName.")),
            ("type!", OneOf("Its type.", "HTTP-01", "DNS-01", "TLS-ALPN-01")),
            ("token!", Text("The server's token.")),
            ("key!", Text("What is shown: the key authorization, for DNS-01 its hash.")),
            ("solver!", SolverSchema.Create()),
            ("issuerRef!", IssuerReference())),
        Object(
            "How it stands.",
            ("processing", Flag("Whether it is being worked on.")),
            ("presented", Flag("Whether it is shown.")),
            ("presentedAt", Time("Since when it is shown.")),
            ("state", OrderSchema.State("State of the challenge.")),
            ("reason", Text("Why it is so.")),
            ("nextReconcile", Time("When it is looked at next.")),
            ("conditions", Conditions("Presented, Solved, Accepted", observedGeneration: false)),
            ("solver", Object(
                "What was seen of it.",
                ("dns", Object(
                    "The record.",
                    ("fqdn", Text("Its name.")),
                    ("ttl", Text("How long others may remember it.")),
                    ("lastSuccess", Time("When it was seen at the zone's own servers.")))),
                ("http", Object(
                    "The answer.",
                    ("requiredSuccesses", Number("How often it must be seen.")),
                    ("successes", Number("How often it was seen."))))))));
}
