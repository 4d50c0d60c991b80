// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Pki.Issuing;
using static Sealock.Controllers.Definitions.StructuralSchema;

namespace Sealock.Controllers.Definitions.Issuance.Schemas;

/// <summary>Parts that several kinds of issuance share.</summary>
internal static class CommonSchemas
{
    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";

    public static JsonObject IssuerReference() => Object(
        "The issuer that is asked. An Issuer is looked for in the same namespace, a ClusterIssuer serves all.",
        ("name!", Text("Name of the issuer.")),
        ("kind", Text("Kind of the issuer; Issuer where it is left out.")),
        ("group", Text("API group of the issuer; cert-manager.io where it is left out.")));

    /// <summary>A key of a Secret; the key may be left out where there is a usual one.</summary>
    public static JsonObject SecretKey(string description) => Object(
        description,
        ("name!", Text("Name of the Secret.")),
        ("key", Text("Key in the Secret's data; some fields have a usual one, others ask for it.")));

    public static JsonObject SecretName(string description) => Object(description, ("name!", Text("Name of the Secret.")));

    /// <summary>The conditions of cert-manager's own kinds.</summary>
    public static JsonObject Conditions(string types, bool observedGeneration)
    {
        var condition = Object(
            "One aspect of the state.",
            ("type!", Text($"What it is about: {types}.")),
            ("status!", OneOf("Whether it holds.", "True", "False", "Unknown")),
            ("lastTransitionTime", Time("When the status changed last.")),
            ("reason", Text("Why, as one word.")),
            ("message", Text("Why, in words.")));
        if (observedGeneration)
        {
            condition["properties"]!["observedGeneration"] =
                Number("The metadata.generation that was looked at; where it is older than the object's, so is the condition.");
        }

        return ByKey("What is known of the state.", "type", condition);
    }

    /// <summary>The conditions as meta/v1 has them.</summary>
    public static JsonObject StandardConditions() => ByKey(
        "What is known of the state.", "type",
        Object(
            "One aspect of the state.",
            ("type!", Text("What it is about.").With("maxLength", 316).With("pattern",
                @"^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$")),
            ("status!", OneOf("Whether it holds.", "True", "False", "Unknown")),
            ("observedGeneration", Number("The metadata.generation that was looked at.").With("minimum", 0)),
            ("lastTransitionTime!", Time("When the status changed last.")),
            ("reason!", Text("Why, as one word.").With("minLength", 1).With("maxLength", 1024)
                .With("pattern", "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$")),
            ("message!", Text("Why, in words.").With("maxLength", 32768))));

    public static JsonObject LabelSelector(string description) => Kubernetes(Meta + "LabelSelector", description);

    /// <summary>Labels and annotations of objects that are made.</summary>
    public static JsonObject Decoration(string description) => Object(
        description, ("annotations", Map("Annotations.")), ("labels", Map("Labels.")));

    public static JsonObject Usages(string description) => List(description, Usage());

    public static JsonObject Usage() => OneOf("A usage of the key, or a purpose (RFC 5280, 4.2.1.3 and 4.2.1.12).",
        [.. CertificateUsages.KnownNames]);
}
