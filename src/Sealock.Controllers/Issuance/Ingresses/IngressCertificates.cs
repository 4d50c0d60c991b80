// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Ingresses;

/// <summary>Which Certificates an Ingress asks for: one for each entry of <c>spec.tls</c>, named as its Secret.</summary>
internal static class IngressCertificates
{
    /// <summary>Fields of a specification that follow from the Ingress, and go when it no longer says them.</summary>
    private static readonly string[] OwnFields =
    [
        "commonName", "emailAddresses", "subject", "duration", "renewBefore", "renewBeforePercentage", "revisionHistoryLimit",
        "privateKey", "secretTemplate", "dnsNames", "ipAddresses",
    ];

    /// <summary>The Certificates by name; empty where the Ingress asks for none. Entries that are incomplete are told.</summary>
    /// <exception cref="AnnotationException">The annotations cannot be understood, or two entries share a Secret.</exception>
    public static IReadOnlyDictionary<string, JsonObject> Wanted(IngressView ingress, JsonObject issuer, out IReadOnlyList<string> skipped)
    {
        var (wanted, incomplete) = (new Dictionary<string, JsonObject>(StringComparer.Ordinal), new List<string>());
        for (var i = 0; i < ingress.Spec.Tls.Count; i++)
        {
            var entry = ingress.Spec.Tls[i];
            if (entry.Hosts.Count == 0 || entry.SecretName.Length == 0)
                incomplete.Add($"spec.tls[{i}] needs hosts and a secretName");
            else if (!wanted.TryAdd(entry.SecretName, Certificate(ingress, entry, issuer)))
                throw new AnnotationException($"the Secret {entry.SecretName} stands in several entries of spec.tls; give each its own");
        }

        skipped = incomplete;
        return wanted;
    }

    /// <summary>The merge patch that makes a Certificate what is wanted; null where it is.</summary>
    public static JsonObject? Change(JsonObject wanted, JsonObject found)
    {
        var spec = Difference(wanted["spec"]!.AsObject(), found["spec"] as JsonObject ?? []);
        foreach (var field in OwnFields)
        {
            if (!wanted["spec"]!.AsObject().ContainsKey(field) && (found["spec"] as JsonObject)?.ContainsKey(field) == true
                && !(field == "privateKey" && IsDefaultKey(found["spec"]![field])))
                spec[field] = null;
        }

        var metadata = new JsonObject();
        foreach (var map in (string[])["labels", "annotations"])
        {
            var changed = Difference(wanted["metadata"]![map] as JsonObject ?? [], found["metadata"]?[map] as JsonObject ?? []);
            if (changed.Count > 0)
                metadata[map] = changed;
        }

        if (spec.Count + metadata.Count == 0)
            return null;
        metadata["uid"] = found["metadata"]!["uid"]!.DeepClone();
        metadata["resourceVersion"] = found["metadata"]!["resourceVersion"]!.DeepClone();
        var patch = new JsonObject { ["metadata"] = metadata };
        if (spec.Count > 0)
            patch["spec"] = spec;
        return patch;
    }

    private static JsonObject Certificate(IngressView ingress, IngressTlsView entry, JsonObject issuer)
    {
        var spec = new JsonObject
        {
            ["secretName"] = entry.SecretName,
            ["issuerRef"] = issuer.DeepClone(),
            ["usages"] = new JsonArray("digital signature", "key encipherment"),
        };
        var (addresses, names) = (entry.Hosts.Where(IsAddress).ToList(), entry.Hosts.Where(host => !IsAddress(host)).ToList());
        if (names.Count > 0)
            spec["dnsNames"] = new JsonArray([.. names.Select(name => (JsonNode)name)]);
        if (addresses.Count > 0)
            spec["ipAddresses"] = new JsonArray([.. addresses.Select(address => (JsonNode)address)]);
        IngressAnnotations.AddTo(spec, ingress.Metadata.Annotations);
        return new JsonObject
        {
            ["apiVersion"] = IssuanceResources.ApiVersion,
            ["kind"] = "Certificate",
            ["metadata"] = new JsonObject
            {
                ["name"] = entry.SecretName,
                ["namespace"] = ingress.Metadata.Namespace,
                ["labels"] = new JsonObject(ingress.Metadata.Labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))),
                ["annotations"] = IngressAnnotations.OnCertificate(ingress),
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "networking.k8s.io/v1",
                    ["kind"] = "Ingress",
                    ["name"] = ingress.Metadata.Name,
                    ["uid"] = ingress.Metadata.Uid,
                    ["controller"] = true,
                    ["blockOwnerDeletion"] = true,
                }),
            },
            ["spec"] = spec,
        };
    }

    /// <summary>What is wanted and not found so; objects are compared field by field, as a server fills in defaults.</summary>
    private static JsonObject Difference(JsonObject wanted, JsonObject found)
    {
        var difference = new JsonObject();
        foreach (var (name, value) in wanted)
        {
            if (value is JsonObject inner && found[name] is JsonObject there)
            {
                if (Difference(inner, there) is { Count: > 0 } deeper)
                    difference[name] = deeper;
            }
            else if (!JsonNode.DeepEquals(value, found[name]))
            {
                difference[name] = value?.DeepClone();
            }
        }

        return difference;
    }

    /// <summary>A server may fill in the rotation policy.</summary>
    private static bool IsDefaultKey(JsonNode? key) => key is JsonObject fields && fields.All(field => field.Key == "rotationPolicy");

    private static bool IsAddress(string host) => IPAddress.TryParse(host, out _);
}
