// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Pki;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Definitions.Issuance.Rules;

/// <summary>
/// What a Certificate may ask for, as cert-manager's webhook has it.
/// </summary>
internal static class CertificateRules
{
    private const int LongestCommonName = 64;
    private const string OwnPrefix = "cert-manager.io/";
    private const string AllowedAnnotation = "cert-manager.io/allow-direct-injection";

    private static readonly FieldPath Path = new("spec");

    /// <summary>What is wrong with a Certificate.</summary>
    /// <param name="certificate">As it is to be.</param>
    /// <param name="old">As it was; null for a new one. Names that it had may stay: they were taken once.</param>
    public static IEnumerable<FieldError> Check(JsonObject certificate, JsonObject? old)
    {
        var spec = certificate.Map("spec") ?? [];
        return
        [
            .. SecretName(spec),
            .. FieldRules.IssuerReference(spec, Path),
            .. Names(spec),
            .. Addresses(spec),
            .. Uncertifiable(spec, old?.Map("spec")),
            .. OtherNames(spec),
            .. KeyRules.Check(spec, Path),
            .. RenewalRules.Check(spec, Path),
            .. spec.Number("revisionHistoryLimit") is < 1 and var limit
                ? [Path.Child("revisionHistoryLimit").Invalid(limit, "must not be less than 1")]
                : Array.Empty<FieldError>(),
            .. Template(spec.Map("secretTemplate") ?? []),
            .. Constraints(spec),
            .. Formats(spec),
            .. spec.Map("keystores") is { } stores
                ? [.. Keystore(stores, "jks", "JKS"), .. Keystore(stores, "pkcs12", "PKCS#12")] : Array.Empty<FieldError>(),
        ];
    }

    private static IEnumerable<FieldError> SecretName(JsonObject spec)
    {
        var name = spec.Text("secretName");
        return name.Length == 0
            ? [Path.Child("secretName").Required("must be specified")]
            : NameRules.DnsSubdomain(name).Select(wrong => Path.Child("secretName").Invalid(name, wrong));
    }

    private static List<FieldError> Names(JsonObject spec)
    {
        var errors = new List<FieldError>();
        var commonName = spec.Text("commonName");
        if (spec.Text("literalSubject") is { Length: > 0 } literal)
            commonName = Literal(spec, literal, errors) ?? commonName;
        var lists = (ReadOnlySpan<string>)["dnsNames", "uris", "emailAddresses", "ipAddresses", "otherNames"];
        var named = commonName.Length > 0;
        foreach (var list in lists)
            named |= spec.Items(list).Count > 0;
        if (!named)
        {
            errors.Add(Path.Invalid("", "at least one of commonName (from the commonName field or from a literalSubject), "
                + "dnsNames, emailSANs, ipAddresses, otherNames, or uriSANs must be set"));
        }

        if (Encoding.UTF8.GetByteCount(commonName) > LongestCommonName)
            errors.Add(Path.Child("commonName").TooLong(LongestCommonName));
        return errors;
    }

    /// <summary>The common name that a literal subject holds; null where there is none.</summary>
    private static string? Literal(JsonObject spec, string literal, List<FieldError> errors)
    {
        if (spec.Text("commonName") is { Length: > 0 } commonName)
            errors.Add(Path.Child("commonName").Invalid(commonName, "When providing a `LiteralSubject` no `commonName` may be provided."));
        if (spec.Map("subject") is { } subject && subject.Any(field => field.Value is JsonArray { Count: > 0 } || subject.Text(field.Key).Length > 0))
        {
            errors.Add(Path.Child("subject").Invalid(
                subject, "When providing a `LiteralSubject` no `Subject` properties may be provided."));
        }

        try
        {
            return DistinguishedName.ParseText(literal).CommonName;
        }
        catch (PkiFormatException fault)
        {
            errors.Add(Path.Child("literalSubject").Invalid(literal, fault.Message));
            return null;
        }
    }

    private static IEnumerable<FieldError> Addresses(JsonObject spec) =>
    [
        .. spec.Texts("ipAddresses").Index().Where(entry => !FieldRules.IsAddress(entry.Item))
            .Select(entry => Path.Child("ipAddresses").Index(entry.Index).Invalid(entry.Item, "invalid IP address")),
        .. spec.Texts("emailAddresses").Index().Where(entry => !IsMailAddress(entry.Item))
            .Select(entry => Path.Child("emailAddresses").Index(entry.Index).Invalid(
                entry.Item, "invalid email address: make sure the supplied value only contains the email address itself")),
    ];

    private static IEnumerable<FieldError> Uncertifiable(JsonObject spec, JsonObject? old) => CertifiedNameRules.Find(
            (spec.Map("issuerRef")?.Text("group") ?? "") is "" or FieldRules.Group, spec.Texts("dnsNames"), spec.Texts("uris"))
        .Where(name => old is null || !old.Texts(name.Field).Contains(name.Name))
        .Select(name => Path.Child(name.Field).Index(name.Index).Invalid(name.Name, name.Problem));

    private static bool IsMailAddress(string text) =>
        System.Net.Mail.MailAddress.TryCreate(text, out var address) && address.Address == text;

    private static IEnumerable<FieldError> OtherNames(JsonObject spec)
    {
        foreach (var (index, name) in spec.Items("otherNames").Index())
        {
            var path = Path.Child("otherNames").Index(index);
            var oid = name.Text("oid");
            if (oid.Length == 0)
                yield return path.Child("oid").Required("must be specified");
            else if (!IsObjectIdentifier(oid))
                yield return path.Child("oid").Invalid(oid, "invalid oid syntax");
            if (name.Text("utf8Value").Length == 0)
                yield return path.Child("utf8Value").Required("must be set to a valid non-empty UTF8 string");
        }
    }

    private static bool IsObjectIdentifier(string text) =>
        text.Split('.') is { Length: >= 2 } arcs && arcs.All(arc => int.TryParse(arc, NumberStyles.None, CultureInfo.InvariantCulture, out _)) &&
        arcs[0] is "0" or "1" or "2";

    private static IEnumerable<FieldError> Template(JsonObject template)
    {
        var path = Path.Child("secretTemplate");
        var annotations = template.Map("annotations") ?? [];
        return
        [
            .. MetadataRules.CheckLabels(template.Map("labels"), path.Child("labels")),
            .. annotations.Select(annotation => annotation.Key)
                .Where(key => key.StartsWith(OwnPrefix, StringComparison.Ordinal) && key != AllowedAnnotation)
                .Select(key => path.Child("annotations").Invalid(key, "cert-manager.io/* annotations are not allowed")),
            .. annotations.SelectMany(annotation => NameRules.LabelKey(annotation.Key.ToLowerInvariant())
                .Select(wrong => path.Child("annotations").Invalid(annotation.Key, wrong))),
        ];
    }

    private static IEnumerable<FieldError> Constraints(JsonObject spec)
    {
        if (spec.Map("nameConstraints") is not { } constraints)
            yield break;
        var path = Path.Child("nameConstraints");
        if (!spec.IsTrue("isCA"))
            yield return path.Invalid(constraints, "isCa should be true when nameConstraints is set");
        if (!constraints.Has("permitted") && !constraints.Has("excluded"))
            yield return path.Invalid(constraints, "either permitted or excluded must be set");
    }

    private static IEnumerable<FieldError> Formats(JsonObject spec)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return spec.Items("additionalOutputFormats").Select(format => format.Text("type")).Where(type => !seen.Add(type))
            .Select(type => Path.Child("additionalOutputFormats").Key("type").Duplicate(type));
    }

    private static IEnumerable<FieldError> Keystore(JsonObject stores, string name, string word)
    {
        if (stores.Map(name) is not { } store)
            yield break;
        var path = Path.Child("keystores", name);
        var literal = store.Has("password");
        var reference = (store.Map("passwordSecretRef")?.Text("name") ?? "").Length > 0;
        if (literal && reference)
            yield return path.Forbidden($"exactly one of passwordSecretRef and password must be provided for {word} keystores; cannot set both");
        if (!literal && !reference)
            yield return path.Forbidden($"must set exactly one of passwordSecretRef and password for {word} keystores");
        if (literal && store.Text("password").Length == 0)
            yield return path.Child("password").Forbidden($"literal password cannot be empty if set on {word} keystores");
    }
}
