// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Listing;

/// <summary>A list as JSON, which is also its YAML.</summary>
public static class ListJson
{
    /// <summary>All rows, or only some.</summary>
    public static JsonObject Of(CertificateList list, IReadOnlyList<CertificateRow>? rows = null) => new()
    {
        ["time"] = ValidityText.Rfc3339(list.Now),
        ["within"] = $"{(long)list.Within.TotalSeconds}s",
        ["needsAttention"] = list.NeedsAttention,
        ["certificates"] = new JsonArray([.. (rows ?? list.Rows).Select(row => Row(list, row))]),
        ["findings"] = new JsonArray([.. list.Others.Select(FindingJson.Of)]),
    };

    private static JsonObject Row(CertificateList list, CertificateRow row)
    {
        var entry = new JsonObject
        {
            ["node"] = row.Node,
            ["name"] = row.Name,
            ["type"] = row.Type,
            ["path"] = row.Path,
            ["pathOnNode"] = row.PathOnNode,
            ["authority"] = row.Authority,
            ["externallyManaged"] = row.IsExternallyManaged,
        };
        if (row.Certificate is { } certificate)
        {
            entry["subject"] = certificate.Subject.ToString();
            entry["commonName"] = certificate.Subject.CommonName;
            entry["organizations"] = Texts(certificate.Subject.Organizations);
            entry["names"] = Texts(certificate.Names.Select(name => name.ToString()));
            entry["usages"] = Texts(ListColumns.Usages(certificate));
            entry["issuer"] = certificate.Issuer.ToString();
            entry["serialNumber"] = certificate.SerialNumber.ToString();
            entry["notBefore"] = ValidityText.Rfc3339(certificate.NotBefore);
            entry["notAfter"] = ValidityText.Rfc3339(certificate.NotAfter);
            entry["residualSeconds"] = (long)(certificate.NotAfter - list.Now).TotalSeconds;
            entry["state"] = row.StateAt(list.Now, list.Within)?.ToString();
            entry["key"] = certificate.PublicKey.Description;
            entry["signatureAlgorithm"] = certificate.SignatureAlgorithm.Name;
            entry["sha256"] = certificate.Sha256Hex;
        }

        entry["findings"] = new JsonArray([.. row.Findings.Select(FindingJson.Of)]);
        return entry;
    }

    private static JsonArray Texts(IEnumerable<string> texts) => new([.. texts.Select(text => JsonValue.Create(text))]);
}
