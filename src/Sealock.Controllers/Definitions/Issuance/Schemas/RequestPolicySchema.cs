// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>policy.cert-manager.io/v1alpha1 CertificateRequestPolicy.</summary>
internal static class RequestPolicySchema
{
    public static JsonObject Create() => Kind(
        "What may be requested: a request is approved if one policy that selects it allows all of it.",
        Object(
            "The policy.",
            ("selector!", Selector()),
            ("allowed", Allowed()),
            ("constraints", Constraints()),
            ("plugins", Map("Plugins that must agree too.", Object("A plugin.", ("values", Map("Its settings.")))))),
        Object("How it stands.", ("conditions", StandardConditions())));

    private static JsonObject Selector() => Object(
        "The requests that it is for; at least one of the fields.",
        ("issuerRef", Object(
            "Issuers; an asterisk stands for anything, and {} for all of them.",
            ("name", Text("Their name.")),
            ("kind", Text("Their kind.")),
            ("group", Text("Their API group.")))),
        ("namespace", Object(
            "Namespaces of the requests.",
            ("matchNames", NamesIn("Their names; an asterisk stands for anything.")),
            ("matchLabels", Map("Their labels.")))));

    private static JsonObject Allowed() => Object(
        "What a request may contain. What is left out may not be requested.",
        ("commonName", One("Common name.")),
        ("dnsNames", Many("DNS names.")),
        ("ipAddresses", Many("IP addresses.")),
        ("uris", Many("URIs.")),
        ("emailAddresses", Many("Mail addresses.")),
        ("otherNames", ByOid("Alternative names of other types, by their type.")),
        ("isCA", Flag("Whether a CA certificate may be requested.")),
        ("usages", new JsonObject { ["description"] = "Usages and purposes.", ["type"] = "array", ["items"] = Usage() }),
        ("subject", Object(
            "Attributes of the subject beside the common name.",
            ("organizations", Many("Organizations.")),
            ("organizationalUnits", Many("Organizational units.")),
            ("countries", Many("Countries.")),
            ("provinces", Many("States or provinces.")),
            ("localities", Many("Cities.")),
            ("streetAddresses", Many("Street addresses.")),
            ("postalCodes", Many("Postal codes.")),
            ("serialNumber", One("Serial number of the subject.")),
            ("otherAttributes", ByOid("Further attributes, by their type.")))));

    private static JsonObject Constraints() => Object(
        "What a request must satisfy beside.",
        ("minDuration", Text("Shortest lifetime, such as 1h; the request must name one.")),
        ("maxDuration", Text("Longest lifetime, such as 24h; the request must name one.")),
        ("privateKey", Object(
            "The key.",
            ("algorithm", OneOf("Its algorithm.", "RSA", "ECDSA", "Ed25519")),
            ("minSize", Number("Fewest bits.")),
            ("maxSize", Number("Most bits.")))));

    private static JsonObject One(string description) => Object(
        description,
        ("value", Text("The value; an asterisk stands for anything.")),
        ("required", Flag("Whether it must be requested.")),
        ("validations", Validations()));

    private static JsonObject Many(string description) => Object(description, ManyFields());

    private static JsonObject ByOid(string description) => ByKey(description, "oid", Object(
        "A type.", [("oid!", Text("The object identifier.")), .. ManyFields()]));

    private static (string, JsonObject)[] ManyFields() =>
    [
        ("values", NamesIn("The values; an asterisk stands for anything.")),
        ("required", Flag("Whether at least one must be requested.")),
        ("validations", Validations()),
    ];

    private static JsonObject Validations() => ByKey(
        "Rules that every value must satisfy.", "rule",
        Object(
            "A rule.",
            ("rule!", Text("An expression (CEL) on self, the value, and cr.namespace and cr.name of the request.")),
            ("message", Text("What to say where it does not hold."))));

    private static JsonObject NamesIn(string description) =>
        new() { ["description"] = description, ["type"] = "array", ["items"] = Text() };
}
