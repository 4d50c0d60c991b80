// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Views;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>How a Certificate's Secret is made, and changed; what others put into it stays.</summary>
internal static class SecretPatch
{
    public static JsonObject New(CertificateView certificate, SecretContent content, bool owned)
    {
        var (labels, annotations) = Metadata(certificate, content, null);
        var metadata = new JsonObject
        {
            ["name"] = certificate.Spec.SecretName,
            ["namespace"] = certificate.Metadata.Namespace,
            ["labels"] = WithoutNulls(labels),
            ["annotations"] = WithoutNulls(annotations),
        };
        if (owned)
            metadata["ownerReferences"] = Names.OwnedBy(certificate);
        return new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["metadata"] = metadata,
            ["type"] = "kubernetes.io/tls",
            ["data"] = WithoutNulls(Data(content, null)),
        };
    }

    public static JsonObject Change(CertificateView certificate, SecretContent content, SecretFacts before, bool owned)
    {
        var (labels, annotations) = Metadata(certificate, content, before);
        var metadata = StatusJson.Precondition(before.Metadata);
        metadata["labels"] = labels;
        metadata["annotations"] = annotations;
        if (owned && before.Metadata.OwnerReferences.Count == 0)
            metadata["ownerReferences"] = Names.OwnedBy(certificate);
        return new JsonObject { ["metadata"] = metadata, ["data"] = Data(content, before) };
    }

    private static (JsonObject Labels, JsonObject Annotations) Metadata(CertificateView certificate, SecretContent content, SecretFacts? before)
    {
        var labels = new JsonObject { [WellKnown.Attention] = "true" };
        var annotations = new JsonObject();
        foreach (var (name, value) in content.Annotations)
        {
            // Null takes an annotation out; where it is not there, that says nothing.
            if (value is not null || before is not null)
                annotations[name] = value;
        }

        SecretTemplate.Of(certificate.Spec.SecretTemplate).AddTo(labels, annotations, before?.Metadata);
        return (labels, annotations);
    }

    private static JsonObject Data(SecretContent content, SecretFacts? before)
    {
        var data = new JsonObject();
        foreach (var (name, value) in content.Entries)
        {
            if (value is not null)
                data[name] = Convert.ToBase64String(value);
            else if (before?.Has(name) == true)
                data[name] = null;
        }

        return data;
    }

    private static JsonObject WithoutNulls(JsonObject map)
    {
        foreach (var name in map.Where(pair => pair.Value is null).Select(pair => pair.Key).ToArray())
            map.Remove(name);
        return map;
    }
}
