// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using static Sealock.Controllers.Definitions.Issuance.Schemas.CommonSchemas;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>trust.cert-manager.io/v1alpha1 Bundle.</summary>
internal static class BundleSchema
{
    public static JsonObject Create() => Kind(
        "CA certificates that are gathered from sources and published to namespaces.",
        Object(
            "What goes where.",
            ("sources!", List("Where the certificates come from.", Object(
                "A source: exactly one of the fields.",
                ("configMap", SourceKeys("ConfigMaps in the trust namespace.")),
                ("secret", SourceKeys("Secrets in the trust namespace.")),
                ("inLine", Text("Certificates in PEM.")),
                ("useDefaultCAs", Flag("Whether the system's CAs belong to it.")))
                .With("x-kubernetes-map-type", "atomic")).With("minItems", 1).With("maxItems", 100)),
            ("target", Object(
                "Where they are published.",
                ("configMap", TargetKey("A key of a ConfigMap with the Bundle's name.")),
                ("secret", TargetKey("A key of a Secret with the Bundle's name.")),
                ("additionalFormats", Object(
                    "Further forms.",
                    ("jks", Object(
                        "A Java keystore.",
                        ("key!", Text("Its key.").With("minLength", 1)),
                        ("password", Text("Its password.").With("default", "changeit").With("minLength", 1).With("maxLength", 128)))
                        .With("x-kubernetes-map-type", "atomic")),
                    ("pkcs12", Object(
                        "A PKCS#12 truststore.",
                        ("key!", Text("Its key.").With("minLength", 1)),
                        ("password", Text("Its password; none where it is left out.").With("maxLength", 128)),
                        ("profile", Profile("Its algorithms; LegacyRC2 where it is left out.")))
                        .With("x-kubernetes-map-type", "atomic")))),
                ("namespaceSelector", LabelSelector("The namespaces; all where it is left out."))))),
        Status());

    private static JsonObject SourceKeys(string description) => Object(
        description,
        ("name", Text("Its name; either this or selector.").With("minLength", 1)),
        ("selector", LabelSelector("Their labels.")),
        ("key", Text("The key; either this or includeAllKeys.").With("minLength", 1)),
        ("includeAllKeys", Flag("Whether all keys belong to it.")))
        .With("x-kubernetes-map-type", "atomic");

    private static JsonObject TargetKey(string description) => Object(
        description,
        ("key!", Text("The key.").With("minLength", 1)),
        ("metadata", Decoration("Labels and annotations of the object.")));

    private static JsonObject Profile(string description) => OneOf(description, "LegacyRC2", "LegacyDES", "Modern2023");

    private static JsonObject Status() => Object(
        "How it stands.",
        ("conditions", StandardConditions()),
        ("defaultCAVersion", Text("Version of the system's CAs that were taken.")));
}
