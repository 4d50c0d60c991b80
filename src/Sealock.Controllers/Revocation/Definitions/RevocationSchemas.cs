// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Definitions;
using Sealock.Pki.Revocation;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Revocation.Definitions;

/// <summary>The schemas of the kinds of revocation.</summary>
internal static class RevocationSchemas
{
    public const int LongestNote = 1024;
    private const int LongestName = 2048;
    private const int LongestNumber = 100;
    private const int LongestConditions = 32;

    public static JsonObject Certificate() => Kind(
        "One certificate that is not to be trusted any more. Everything but the note is fixed; only a certificate on hold may be released (by deleting "
            + "this object) or revoked for good (by another reason).",
        Object(
            "Which certificate, and why.",
            ("authority!", Authority("The CA that issued the certificate.")),
            ("serialNumber!", Text("Serial number of the certificate, in hexadecimal digits.").With("maxLength", LongestNumber)),
            ("reason", OneOf("Why (RFC 5280 5.3.1).", [.. RevocationReasonNames.All]).With("default", "unspecified")),
            ("revokedAt", Time("Since when it is revoked; the time of creation where nothing is said.")),
            ("notAfter", Time("When the certificate expires, or its CA's where nothing is said and that is known; the object goes some time later.")),
            ("subject", Text("Subject of the certificate, for people.").With("maxLength", LongestName)),
            ("note", Text("Anything worth knowing, for people.").With("maxLength", LongestNote))));

    public static JsonObject Access() => Kind(
        "Locks out what is not one certificate: a user, a key, or one credential. Holds until it is deleted.",
        Object(
            "Who or what is locked out. Exactly one of user, publicKeySha256 and credential must be given.",
            ("user", Text("User name, whatever credentials it comes with.").With("maxLength", LongestName)),
            ("publicKeySha256", Text("SHA-256 of a SubjectPublicKeyInfo, in hexadecimal digits: every certificate for the key.").With("maxLength", LongestNumber)),
            ("credential", Text(
                "Id of a credential as authentication.kubernetes.io/credential-id shows it: X509SHA256= and a certificate's SHA-256, or JTI= and the id of a token.")
                .With("maxLength", 512)),
            ("note", Text("Anything worth knowing, for people.").With("maxLength", LongestNote))));

    public static JsonObject List() => Kind(
        "The revocation list (CRL) of a CA, kept up to date by whoever has the CA's key.",
        Object(
            "Whose list it is.",
            ("authority!", Authority("The CA.")),
            ("certificate!", Text("The CA's certificate, PEM.").With("maxLength", 64 * 1024))),
        Object(
            "The latest list.",
            ("number", Number("Its number, higher than that of every list before it.")),
            ("thisUpdate", Time("From when on it is good.")),
            ("nextUpdate", Time("By when there is a newer one.")),
            ("entries", Number("How many certificates are on it.")),
            ("crl", Bytes("The list, DER.")),
            ("conditions", ByKey("What stands in the way, if anything.", "type", Condition()).With("maxItems", LongestConditions))));

    private static JsonObject Authority(string description) => Object(
        description,
        ("keyId!", Text("Subject key identifier of the CA, in hexadecimal digits.").With("maxLength", LongestNumber)),
        ("subject", Text("Subject of the CA, for people.").With("maxLength", LongestName)));

    private static JsonObject Condition() => Kubernetes("io.k8s.apimachinery.pkg.apis.meta.v1.Condition", "A condition.");
}
