// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Requests;
using Sealock.Pki.Revocation;

namespace Sealock.Cluster.Inspecting;

/// <summary>What was found, for machines. Field names and their meaning stay; new ones may come.</summary>
public static class InspectionJson
{
    private const int MaxRevoked = 1000;
    private const int MaxSame = 20;

    /// <summary>Everything: sources with their items, and the findings. Items are numbered from 1 in their source, sources too.</summary>
    public static JsonObject Write(
        IReadOnlyList<InspectedSource> sources, InspectionRelations relations, IReadOnlyList<InspectionFinding> findings, DateTimeOffset now)
    {
        var numbers = new Dictionary<object, int>(ReferenceEqualityComparer.Instance);
        foreach (var (index, source) in sources.Index())
        {
            numbers[source] = index + 1;
            foreach (var (place, item) in source.Items.Index())
                numbers[item] = place + 1;
        }

        return new()
        {
            ["inspectedAt"] = ValidityText.Rfc3339(now),
            ["sources"] = new JsonArray([.. sources.Select(source => Source(source, numbers, relations, now))]),
            ["findings"] = new JsonArray([.. findings.Select(finding => Finding(finding, numbers))]),
        };
    }

    /// <summary>The facts of a certificate.</summary>
    public static JsonObject Write(CertificateFacts facts, DateTimeOffset now) => new()
    {
        ["version"] = facts.Version,
        ["serialNumber"] = facts.SerialNumber,
        ["subject"] = facts.Subject,
        ["commonName"] = facts.CommonName,
        ["organizations"] = List(facts.Organizations),
        ["issuer"] = facts.Issuer,
        ["selfSigned"] = facts.IsSelfSigned,
        ["notBefore"] = ValidityText.Rfc3339(facts.NotBefore),
        ["notAfter"] = ValidityText.Rfc3339(facts.NotAfter),
        ["residualSeconds"] = (long)Math.Floor((facts.NotAfter - now).TotalSeconds),
        ["key"] = Write(facts.Key),
        ["signatureAlgorithm"] = facts.SignatureAlgorithm,
        ["ca"] = facts.IsCa,
        ["pathLength"] = facts.PathLength,
        ["keyUsages"] = facts.KeyUsages is { } usages ? List(usages) : null,
        ["extendedKeyUsages"] = List(facts.ExtendedKeyUsages),
        ["names"] = Names(facts.Names),
        ["nameConstraints"] = facts.PermittedNames.Count + facts.ExcludedNames.Count == 0
            ? null
            : new JsonObject { ["permitted"] = List(facts.PermittedNames), ["excluded"] = List(facts.ExcludedNames) },
        ["subjectKeyId"] = facts.SubjectKeyId,
        ["authorityKeyId"] = facts.AuthorityKeyId,
        ["sha256"] = facts.Sha256,
        ["crlUrls"] = List(facts.CrlUrls),
        ["ocspUrls"] = List(facts.OcspUrls),
        ["issuerUrls"] = List(facts.IssuerUrls),
        ["policies"] = new JsonArray([.. facts.Policies.Select(policy => new JsonObject
        {
            ["oid"] = policy.Oid,
            ["name"] = policy.Name,
            ["statements"] = List(policy.Statements),
        })]),
        ["criticalExtensions"] = List(facts.CriticalExtensions),
        ["otherExtensions"] = Extensions(facts.OtherExtensions),
        ["faults"] = List(facts.Faults),
        ["warnings"] = List(facts.Warnings),
    };

    /// <summary>The facts of a public key.</summary>
    public static JsonObject Write(KeyFacts key) => new()
    {
        ["description"] = key.Description,
        ["algorithm"] = key.Algorithm,
        ["bits"] = key.Bits,
        ["curve"] = key.Curve,
        ["sha256"] = key.Sha256,
    };

    private static JsonObject Source(InspectedSource source, Dictionary<object, int> numbers, InspectionRelations relations, DateTimeOffset now)
    {
        var json = new JsonObject { ["name"] = source.Name, ["format"] = source.Format };
        if (source.NamedBy is { } by)
            json["namedBy"] = by;
        if (source.Failure is { } failure)
            json["failure"] = failure;
        if (source.Answer is { Chain.Count: > 0 } answer)
        {
            json["version"] = answer.Version;
            json["cipherSuite"] = answer.CipherSuite;
            json["applicationProtocol"] = answer.ApplicationProtocol;
            json["clientCertificateRequested"] = answer.ClientCertificateRequested;
            json["handshakeFailure"] = answer.Failure;
        }

        json["items"] = new JsonArray([.. source.Items.Select(item => Item(item, numbers, relations, now))]);
        return json;
    }

    private static JsonObject Item(InspectedItem item, Dictionary<object, int> numbers, InspectionRelations relations, DateTimeOffset now)
    {
        var json = new JsonObject { ["kind"] = item.Content.Kind };
        if (item.Entry.Length > 0)
            json["entry"] = item.Entry;
        if (item.Content.Label is { } label)
            json["label"] = label;
        var facts = Facts(item, now);
        foreach (var (name, value) in facts.ToList())
        {
            facts.Remove(name);
            json[name] = value;
        }

        if (relations.SignerOf(item) is { } signer)
            json["signedBy"] = Place(signer, numbers, relations);
        var same = relations.WithSameKey(item).Take(MaxSame).ToList();
        if (same.Count > 0)
            json["sameKeyAs"] = new JsonArray([.. same.Select(other => Place(other, numbers, relations))]);
        return json;
    }

    private static JsonObject Facts(InspectedItem item, DateTimeOffset now) => item.Content switch
    {
        CertificateContent => Write(item.Facts!, now),
        RequestContent { Request: var request } => Request(request),
        RevocationListContent { List: var list } => RevocationList(list),
        PublicKeyContent { Key: var key } => new() { ["key"] = Write(KeyFacts.Of(key)) },
        PrivateKeyContent key => new()
        {
            ["form"] = key.Form,
            ["protection"] = key.Protection,
            ["locked"] = key.Locked,
            ["key"] = key.Key is { } opened ? Write(KeyFacts.Of(opened)) : null,
        },
        UnreadableContent broken => new() { ["reason"] = broken.Reason },
        _ => [],
    };

    private static JsonObject Request(CertificateSigningRequest request)
    {
        var facts = RequestFacts.Of(request);
        return new()
        {
            ["subject"] = facts.Subject,
            ["key"] = Write(facts.Key),
            ["signatureAlgorithm"] = facts.SignatureAlgorithm,
            ["signatureProblem"] = facts.SignatureProblem,
            ["asksForCa"] = facts.AsksForCa,
            ["keyUsages"] = facts.KeyUsages is { } usages ? List(usages) : null,
            ["extendedKeyUsages"] = List(facts.ExtendedKeyUsages),
            ["names"] = Names(facts.Names),
            ["attributes"] = List(facts.OtherAttributes),
            ["otherExtensions"] = Extensions(facts.OtherExtensions),
            ["warnings"] = List(facts.Warnings),
        };
    }

    private static JsonObject RevocationList(CertificateRevocationList list) => new()
    {
        ["issuer"] = list.Issuer.ToString(),
        ["number"] = list.Number?.ToString(CultureInfo.InvariantCulture),
        ["thisUpdate"] = ValidityText.Rfc3339(list.ThisUpdate),
        ["nextUpdate"] = list.NextUpdate is { } next ? ValidityText.Rfc3339(next) : null,
        ["signatureAlgorithm"] = SignatureNames.NameOf(list.SignatureAlgorithm),
        ["authorityKeyId"] = Convert.ToHexStringLower(list.AuthorityKeyIdentifier.Span),
        ["revokedCount"] = list.Entries.Count,
        ["revoked"] = new JsonArray([.. list.Entries.Values.OrderBy(e => e.RevokedAt).Take(MaxRevoked).Select(entry => new JsonObject
        {
            ["serialNumber"] = entry.SerialNumber.ToString(),
            ["revokedAt"] = ValidityText.Rfc3339(entry.RevokedAt),
            ["reason"] = RevocationReasons.NameOf(entry.Reason),
        })]),
    };

    private static JsonObject Finding(InspectionFinding finding, Dictionary<object, int> numbers)
    {
        var json = new JsonObject
        {
            ["severity"] = finding.Severity == InspectionSeverity.Error ? "error" : "warning",
            ["code"] = finding.Code,
            ["message"] = finding.Message,
            ["source"] = numbers[finding.Source],
        };
        if (finding.Item is { } item)
            json["item"] = numbers[item];
        return json;
    }

    private static JsonObject Place(InspectedItem item, Dictionary<object, int> numbers, InspectionRelations relations) =>
        new() { ["source"] = numbers[relations.SourceOf(item)], ["item"] = numbers[item] };

    private static JsonObject Names(IReadOnlyList<GeneralName> names)
    {
        var json = new JsonObject();
        foreach (var group in names.GroupBy(name => GeneralNameWords.FieldOf(name.Kind)))
            json[group.Key] = List(group.Select(name => name.Text));
        return json;
    }

    private static JsonArray Extensions(IReadOnlyList<ExtensionFact> extensions) => new([.. extensions.Select(extension => new JsonObject
    {
        ["oid"] = extension.Oid,
        ["name"] = extension.Name,
        ["critical"] = extension.IsCritical,
        ["text"] = extension.Text,
        ["der"] = Convert.ToHexStringLower(extension.Value.Span),
    })]);

    private static JsonArray List(IEnumerable<string> values) => new([.. values.Select(value => (JsonNode?)value)]);
}
