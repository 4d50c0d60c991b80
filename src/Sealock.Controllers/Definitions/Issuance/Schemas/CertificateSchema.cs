// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>cert-manager.io/v1 Certificate.</summary>
internal static class CertificateSchema
{
    public static JsonObject Create() => Kind(
        "A certificate that shall exist in a Secret, kept valid by renewal.",
        Object(
            "What is wanted.",
            ("secretName!", Text("Name of the Secret that holds key and certificate; it is made, and belongs to this Certificate.")),
            ("issuerRef!", IssuerReference()),
            ("commonName", Text("Common name of the subject, at most 64 bytes. Clients that find alternative names look at those alone.")),
            ("subject", Subject()),
            ("literalSubject", Text("The whole subject as RFC 4514 writes it, such as CN=web,O=Example; instead of subject and commonName.")),
            ("dnsNames", Texts("DNS names.")),
            ("ipAddresses", Texts("IP addresses.")),
            ("uris", Texts("URIs.")),
            ("emailAddresses", Texts("Mail addresses.")),
            ("otherNames", OtherNames()),
            ("duration", Text("Lifetime that is asked for, such as 2160h; 90 days where it is left out, at least 5m.")),
            ("renewBefore", Text("Time before the end of the issued certificate at which it is renewed, such as 360h; at least 1m. Left out: a third of its lifetime.")),
            ("renewBeforePercentage", Small("The same as a share of the lifetime in percent: with 25 it is renewed when a quarter is left.")),
            ("renewal", Renewal()),
            ("isCA", Flag("Whether a CA certificate is asked for; adds the usage cert sign.")),
            ("usages", Usages("Usages and purposes; digital signature and key encipherment where they are left out.")),
            ("encodeUsagesInRequest", Flag("Whether the usages stand in the signing request too; true where it is left out.")),
            ("nameConstraints", NameConstraints()),
            ("privateKey", PrivateKey()),
            ("signatureAlgorithm", OneOf("Signature algorithm of the request; it must suit the key.",
                "SHA256WithRSA", "SHA384WithRSA", "SHA512WithRSA", "ECDSAWithSHA256", "ECDSAWithSHA384", "ECDSAWithSHA512", "PureEd25519")),
            ("secretTemplate", Decoration("Labels and annotations that the Secret carries too. Those of cert-manager.io are the controller's own.")),
            ("keystores", Keystores()),
            ("additionalOutputFormats", List("Further forms of key and certificate in the Secret.", Object(
                "A form.",
                ("type!", OneOf("CombinedPEM writes tls-combined.pem (key and chain), DER writes key.der.", "DER", "CombinedPEM"))))),
            ("revisionHistoryLimit", Small("How many CertificateRequests are kept; 1 where it is left out."))),
        Status());

    private static JsonObject Subject() => Object(
        "Attributes of the subject beside the common name.",
        ("organizations", Texts("Organizations (O).")),
        ("organizationalUnits", Texts("Organizational units (OU).")),
        ("countries", Texts("Countries (C).")),
        ("provinces", Texts("States or provinces (ST).")),
        ("localities", Texts("Cities (L).")),
        ("streetAddresses", Texts("Street addresses.")),
        ("postalCodes", Texts("Postal codes.")),
        ("serialNumber", Text("Serial number of the subject, not of the certificate.")));

    private static JsonObject OtherNames() => List(
        "Alternative names of other types (otherName), as UTF-8 strings.",
        Object(
            "A name.",
            ("oid", Text("Type of the name, such as 1.3.6.1.4.1.311.20.2.3 for a user principal name.")),
            ("utf8Value", Text("The name."))));

    private static JsonObject Renewal() => Object(
        "When it may be renewed.",
        ("policy!", OneOf("RenewBefore renews as renewBefore says, Disabled never.", "RenewBefore", "Disabled")),
        ("windows", List("Times at which it may be renewed; left out: at any time.", Object(
            "A time that comes again and again.",
            ("cron!", Text("When it begins: minute, hour, day of month, month, day of week.")),
            ("windowDuration!", Text("How long it lasts, such as 2h.").With("pattern", @"^([0-9]+(\.[0-9]+)?(s|m|h))+$")),
            ("timezone", Text("Time zone of cron, such as Europe/Berlin; UTC where it is left out."))))));

    private static JsonObject NameConstraints() => Object(
        "Names that the CA may issue for (RFC 5280, 4.2.1.10); only with isCA.",
        ("critical", Flag("Whether verifiers that do not know the extension must refuse.")),
        ("permitted", Names("Names must lie in one of these.")),
        ("excluded", Names("Names must lie in none of these.")));

    private static JsonObject Names(string description) => Object(
        description,
        ("dnsDomains", Texts("DNS domains.")),
        ("ipRanges", Texts("Address ranges, such as 10.0.0.0/8.")),
        ("emailAddresses", Texts("Mail addresses or domains.")),
        ("uriDomains", Texts("Domains of URIs.")));

    private static JsonObject PrivateKey() => Object(
        "The key that is made.",
        ("algorithm", OneOf("RSA where it is left out.", "RSA", "ECDSA", "Ed25519")),
        ("size", Number("Bits: RSA 2048 to 8192 (2048), ECDSA 256 (the usual), 384 or 521; without meaning for Ed25519.")),
        ("encoding", OneOf("PEM form of the key; PKCS1 where it is left out.", "PKCS1", "PKCS8")),
        ("rotationPolicy", OneOf("Always makes a new key for each certificate (the usual), Never keeps it.", "Never", "Always")));

    private static JsonObject Keystores() => Object(
        "Keystores in the Secret beside the PEM files.",
        ("jks", Object(
            "keystore.jks, and truststore.jks where the CA is known.",
            ("create!", Flag("Whether it is made.")),
            ("alias", Text("Name of the entry; certificate where it is left out.")),
            ("password", Text("Its password. Either this or passwordSecretRef.")),
            ("passwordSecretRef", SecretKey("Where its password stands. Either this or password.")))),
        ("pkcs12", Object(
            "keystore.p12, and truststore.p12 where the CA is known.",
            ("create!", Flag("Whether it is made.")),
            ("profile", OneOf("Its algorithms; LegacyRC2 where it is left out.", "LegacyRC2", "LegacyDES", "Modern2023", "Modern2026")),
            ("password", Text("Its password. Either this or passwordSecretRef.")),
            ("passwordSecretRef", SecretKey("Where its password stands. Either this or password.")))));

    private static JsonObject Status() => Object(
        "What is; written by the controllers.",
        ("conditions", Conditions("Ready, Issuing", observedGeneration: true)),
        ("notBefore", Time("The certificate in the Secret is valid from then on.")),
        ("notAfter", Time("The certificate in the Secret is valid until then.")),
        ("renewalTime", Time("When it is renewed.")),
        ("revision", Number("Counts issued certificates; each CertificateRequest bears the number it is made for.")),
        ("nextPrivateKeySecretName", Text("Secret with the key of the next certificate, while that is being issued.")),
        ("lastFailureTime", Time("When the latest try failed; absent after a success.")),
        ("failedIssuanceAttempts", Number("Failed tries since the latest success.")),
        ("acme", Object(
            "What the ACME server says.",
            ("ari", Object(
                "When it suggests to renew (RFC 9773).",
                ("suggestedWindow", Object("The time between.", ("start", Time("From then on.")), ("end", Time("Until then.")))),
                ("explanationURL", Text("A page that explains it.")),
                ("lastChecked", Time("When it was asked last.")),
                ("nextCheck", Time("When it is asked next.")),
                ("lastError", Text("Why the latest question was not answered.")))))));
}
