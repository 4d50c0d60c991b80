// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Controllers.Views;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Issuance.Ingresses;

/// <summary>An annotation cannot be understood; the message names it.</summary>
internal sealed class AnnotationException(string message) : Exception(message);

/// <summary>What an Ingress's annotations say of its Certificates; cert-manager's.</summary>
internal static class IngressAnnotations
{
    public const string Issuer = "cert-manager.io/issuer";
    public const string ClusterIssuer = "cert-manager.io/cluster-issuer";

    private const string Prefix = "cert-manager.io/";
    private const string Acme = "acme.cert-manager.io/";

    private static readonly (string Annotation, string Field)[] SubjectLists =
    [
        (WellKnown.SubjectOrganizations, "organizations"), (WellKnown.SubjectOrganizationalUnits, "organizationalUnits"),
        (WellKnown.SubjectCountries, "countries"), (WellKnown.SubjectProvinces, "provinces"), (WellKnown.SubjectLocalities, "localities"),
        (WellKnown.SubjectPostalCodes, "postalCodes"), (WellKnown.SubjectStreetAddresses, "streetAddresses"),
    ];

    private static readonly (string Annotation, string Field, string[] Values)[] KeyFields =
    [
        ("private-key-algorithm", "algorithm", ["RSA", "ECDSA", "Ed25519"]),
        ("private-key-encoding", "encoding", ["PKCS1", "PKCS8"]),
        ("private-key-rotation-policy", "rotationPolicy", ["Never", "Always"]),
    ];

    private static readonly (string OnIngress, string OnCertificate)[] PassedOn =
    [
        (WellKnown.IssueTemporary, WellKnown.IssueTemporary),
        (Acme + "http01-ingress-class", Acme + "http01-override-ingress-class"),
        (Acme + "http01-ingress-ingressclassname", Acme + "http01-override-ingress-ingressclassname"),
        (WellKnown.Probe, WellKnown.Probe),
    ];

    /// <summary>The issuer; null where the Ingress does not ask for Certificates.</summary>
    /// <exception cref="AnnotationException">It is not told which, or several.</exception>
    public static JsonObject? IssuerOf(IngressView ingress, IssuanceOptions options)
    {
        var annotations = ingress.Metadata.Annotations;
        var (issuer, cluster) = (annotations.GetValueOrDefault(Issuer) ?? "", annotations.GetValueOrDefault(ClusterIssuer) ?? "");
        if (issuer.Length > 0 && cluster.Length > 0)
            throw new AnnotationException($"both {Issuer} and {ClusterIssuer} may not be set");
        var isNamed = annotations.ContainsKey(Issuer) || annotations.ContainsKey(ClusterIssuer);
        var asksForDefault = options.AutoCertificateAnnotations.Any(name => annotations.GetValueOrDefault(name) == "true");
        if (!isNamed && !asksForDefault)
            return null;
        var (name, kind, group) = issuer.Length > 0 ? (issuer, IssuerReferenceView.NamespacedKind, IssuerReferenceView.OwnGroup)
            : cluster.Length > 0 ? (cluster, IssuerReferenceView.ClusterKind, IssuerReferenceView.OwnGroup)
            : (options.DefaultIssuerName, options.DefaultIssuerKind, options.DefaultIssuerGroup);
        if (name.Length == 0)
            throw new AnnotationException("no issuer is named, and there is no default issuer");
        return new JsonObject
        {
            ["name"] = name,
            ["kind"] = annotations.GetValueOrDefault(Prefix + "issuer-kind") is { Length: > 0 } otherKind ? otherKind : kind,
            ["group"] = annotations.GetValueOrDefault(Prefix + "issuer-group") is { Length: > 0 } otherGroup ? otherGroup : group,
        };
    }

    /// <summary>Annotations that go on to the Certificate.</summary>
    public static JsonObject OnCertificate(IngressView ingress)
    {
        var result = new JsonObject();
        foreach (var (onIngress, onCertificate) in PassedOn)
        {
            if (ingress.Metadata.Annotations.TryGetValue(onIngress, out var value))
                result[onCertificate] = value;
        }

        if (ingress.Metadata.Annotations.GetValueOrDefault(Acme + "http01-edit-in-place") == "true")
        {
            result[Acme + "http01-override-ingress-name"] = ingress.Metadata.Name;
            result[WellKnown.IssueTemporary] = "true";
        }

        return result;
    }

    /// <summary>Adds to a specification what annotations say.</summary>
    /// <exception cref="AnnotationException">One cannot be understood.</exception>
    public static void AddTo(JsonObject spec, IReadOnlyDictionary<string, string> annotations)
    {
        if (annotations.TryGetValue(WellKnown.CommonName, out var commonName))
            spec["commonName"] = commonName;
        if (annotations.TryGetValue(WellKnown.EmailSans, out var emails))
            spec["emailAddresses"] = Strings(emails.Split(','));
        if (Subject(annotations) is { Count: > 0 } subject)
            spec["subject"] = subject;
        foreach (var (name, field) in new[] { ("duration", "duration"), ("renew-before", "renewBefore") })
        {
            if (annotations.TryGetValue(Prefix + name, out var text))
                spec[field] = GoDuration.TryParse(text, out _) ? text : throw Wrong(name, text, "a duration such as 2160h");
        }

        if (annotations.TryGetValue(Prefix + "renew-before-percentage", out var percentage))
            spec["renewBeforePercentage"] = Number("renew-before-percentage", percentage, 1, 99);
        if (annotations.TryGetValue(Prefix + "revision-history-limit", out var limit))
            spec["revisionHistoryLimit"] = Number("revision-history-limit", limit, 1, int.MaxValue);
        if (annotations.TryGetValue(Prefix + "usages", out var usages))
        {
            var names = usages.Split(',', StringSplitOptions.TrimEntries);
            spec["usages"] = names.FirstOrDefault(name => !CertificateUsages.IsKnown(name)) is { } unknown
                ? throw Wrong("usages", unknown, "one of the usages Kubernetes knows") : Strings(names);
        }

        if (Key(annotations) is { Count: > 0 } key)
            spec["privateKey"] = key;
        if (annotations.TryGetValue(Prefix + "secret-template", out var template))
            spec["secretTemplate"] = Template(template);
    }

    private static JsonObject Subject(IReadOnlyDictionary<string, string> annotations)
    {
        var subject = new JsonObject();
        foreach (var (annotation, field) in SubjectLists)
        {
            if (annotations.TryGetValue(annotation, out var text))
                subject[field] = Strings(CsvText.Split(text) ?? throw Wrong(annotation[Prefix.Length..], text, "values with commas between, quotes closed"));
        }

        if (annotations.TryGetValue(WellKnown.SubjectSerialNumber, out var serial))
            subject["serialNumber"] = serial;
        return subject;
    }

    private static JsonObject Key(IReadOnlyDictionary<string, string> annotations)
    {
        var key = new JsonObject();
        foreach (var (name, field, values) in KeyFields)
        {
            if (annotations.TryGetValue(Prefix + name, out var value))
                key[field] = values.Contains(value) ? value : throw Wrong(name, value, string.Join(", ", values));
        }

        if (annotations.TryGetValue(Prefix + "private-key-size", out var size))
            key["size"] = Number("private-key-size", size, 256, 8192);
        return key;
    }

    private static JsonObject Template(string text)
    {
        const string shape = "JSON with labels and annotations, none of cert-manager.io/";
        try
        {
            if (JsonNode.Parse(text) is not JsonObject template || template.Any(field => field.Key is not ("labels" or "annotations")))
                throw Wrong("secret-template", text, shape);
            foreach (var (_, map) in template)
            {
                if (map is not JsonObject texts || texts.Any(pair => pair.Key.StartsWith(Prefix, StringComparison.Ordinal)
                    || pair.Value?.GetValueKind() != JsonValueKind.String))
                    throw Wrong("secret-template", text, shape);
            }

            return template;
        }
        catch (JsonException)
        {
            throw Wrong("secret-template", text, shape);
        }
    }

    private static int Number(string name, string text, int from, int to) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= from && number <= to
            ? number : throw Wrong(name, text, $"a number from {from}");

    private static AnnotationException Wrong(string name, string value, string expected) =>
        new($"the annotation {Prefix}{name} is to be {expected}, not \"{value}\"");

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(value => (JsonNode)value)];
}
