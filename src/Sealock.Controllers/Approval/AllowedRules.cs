// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Sealock.Api.Objects;
using Sealock.Controllers.Approval.Expressions;
using Sealock.Pki.Certificates;

namespace Sealock.Controllers.Approval;

/// <summary>
/// <c>spec.allowed</c>: everything that a request asks for must be named there. Every attribute of the subject and
/// every alternative name counts, since all of them come into the certificate.
/// </summary>
internal static class AllowedRules
{
    private const int MostShown = 5;
    private const int LongestShown = 120;

    private static readonly (string Oid, string Field, Func<AllowedSubjectView, AllowedListView?> Allowed)[] Lists =
    [
        ("2.5.4.10", "organizations", subject => subject.Organizations),
        ("2.5.4.6", "countries", subject => subject.Countries),
        ("2.5.4.11", "organizationalUnits", subject => subject.OrganizationalUnits),
        ("2.5.4.7", "localities", subject => subject.Localities),
        ("2.5.4.8", "provinces", subject => subject.Provinces),
        ("2.5.4.9", "streetAddresses", subject => subject.StreetAddresses),
        ("2.5.4.17", "postalCodes", subject => subject.PostalCodes),
    ];

    private const string CommonName = "2.5.4.3";
    private const string SerialNumber = "2.5.4.5";

    /// <summary>Every rule that the request breaks, with the field of the policy; empty where all is allowed.</summary>
    public static IEnumerable<string> Objections(ApprovalRequest request, AllowedView allowed)
    {
        const string path = "spec.allowed";
        var names = request.Csr.Names;
        return
        [
            .. OfText(request, path + ".commonName", allowed.CommonName, Values(request, CommonName)),
            .. OfList(request, path + ".dnsNames", allowed.DnsNames, names.DnsNames),
            .. OfList(request, path + ".ipAddresses", allowed.IpAddresses, [.. names.IpAddresses.Select(Plain)]),
            .. OfList(request, path + ".uris", allowed.Uris, names.Uris),
            .. OfList(request, path + ".emailAddresses", allowed.EmailAddresses, names.EmailAddresses),
            .. OfCa(request, allowed),
            .. OfUsages(request, allowed),
            .. OfSubject(request, allowed.Subject),
            .. OfOtherNames(request, allowed.OtherNames),
        ];
    }

    /// <summary>The value of an otherName, where it is text.</summary>
    private static (string Oid, string? Value) Split(GeneralName name)
    {
        var end = name.Text.IndexOf(';', StringComparison.Ordinal);
        var value = name.Text[(end + 1)..];
        return (name.Text[..end], value.StartsWith('#') ? null : value);
    }

    private static IEnumerable<string> OfCa(ApprovalRequest request, AllowedView allowed) =>
        (request.IsCa || request.Csr.AsksForCa) && allowed.IsCA is not true
            ? [$"spec.allowed.isCA: a CA certificate is asked for, and {(allowed.IsCA is null ? "nothing is said about that" : "that is not allowed")}"]
            : [];

    private static IEnumerable<string> OfUsages(ApprovalRequest request, AllowedView allowed) =>
        OfList(request, "spec.allowed.usages", new AllowedListView { Values = allowed.Usages }, request.Usages, "");

    private static IEnumerable<string> OfSubject(ApprovalRequest request, AllowedSubjectView allowed)
    {
        const string path = "spec.allowed.subject";
        foreach (var (oid, field, of) in Lists)
        {
            foreach (var objection in OfList(request, $"{path}.{field}", of(allowed), Values(request, oid)))
                yield return objection;
        }

        foreach (var objection in OfText(request, path + ".serialNumber", allowed.SerialNumber, Values(request, SerialNumber)))
            yield return objection;
        foreach (var unreadable in request.Csr.Subject.Attributes.Where(attribute => !attribute.IsText))
            yield return $"{path}: the attribute {unreadable.Oid} is not text and cannot be judged";
        var others = request.Csr.Subject.Attributes
            .Where(attribute => attribute.IsText && attribute.Oid is not (CommonName or SerialNumber) && Lists.All(list => list.Oid != attribute.Oid))
            .Select(attribute => (attribute.Oid, attribute.Value));
        foreach (var objection in OfOids(request, path + ".otherAttributes", allowed.OtherAttributes, [.. others]))
            yield return objection;
    }

    private static IEnumerable<string> OfOtherNames(ApprovalRequest request, IReadOnlyList<AllowedOidView> allowed)
    {
        const string path = "spec.allowed.otherNames";
        var names = request.Csr.Names;
        foreach (var name in names.Where(name => name.Kind is GeneralNameKind.Directory or GeneralNameKind.X400Address
            or GeneralNameKind.EdiParty or GeneralNameKind.RegisteredId))
            yield return $"spec.allowed: alternative names of the kind {name.Kind} are never allowed";
        var others = names.Where(name => name.Kind == GeneralNameKind.OtherName).Select(Split).ToList();
        foreach (var (oid, _) in others.Where(other => other.Value is null))
            yield return $"{path}: the value of {oid} is not text and cannot be judged";
        foreach (var objection in OfOids(request, path, allowed, [.. others.Where(other => other.Value is not null).Select(other => (other.Oid, other.Value!))]))
            yield return objection;
    }

    private static IEnumerable<string> OfOids(
        ApprovalRequest request, string path, IReadOnlyList<AllowedOidView> allowed, IReadOnlyList<(string Oid, string Value)> asked)
    {
        foreach (var group in asked.GroupBy(one => one.Oid))
        {
            var entry = allowed.FirstOrDefault(entry => entry.Oid == group.Key);
            foreach (var objection in OfList(request, $"{path}[{group.Key}]", entry, [.. group.Select(one => one.Value)]))
                yield return objection;
        }

        foreach (var missing in allowed.Where(entry => entry.Required is true && asked.All(one => one.Oid != entry.Oid)))
            yield return $"{path}[{missing.Oid}].required: it is not asked for";
    }

    private static IEnumerable<string> OfText(
        ApprovalRequest request, string path, AllowedTextView? allowed, IReadOnlyList<string> asked) => OfList(
        request, path,
        allowed is null ? null : new AllowedListView
        {
            Values = allowed.Value is { } value ? [value] : null,
            Required = allowed.Required,
            Validations = allowed.Validations,
        },
        asked, ".value");

    private static IEnumerable<string> OfList(
        ApprovalRequest request, string path, AllowedListView? allowed, IReadOnlyList<string> asked, string part = ".values")
    {
        if (asked.Count == 0)
            return allowed?.Required is true ? [$"{path}.required: it is not asked for"] : [];
        if (allowed is null or { Values: null, Validations: null or { Count: 0 } })
            return [$"{path}: {Show(asked)} may not be asked for, no value is allowed"];
        return [.. OfValues(path + part, allowed.Values, asked), .. OfRules(request, path, allowed.Validations ?? [], asked)];
    }

    private static IEnumerable<string> OfValues(string path, IReadOnlyList<string>? patterns, IReadOnlyList<string> asked)
    {
        if (patterns is null)
            return [];
        List<string> refused = [.. asked.Where(value => !WildcardPattern.MatchesAny(patterns, value))];
        return refused.Count == 0 ? []
            : [$"{path}: {Show(refused)} does not match {(patterns.Count == 0 ? "anything, the list is empty" : Show(patterns))}"];
    }

    /// <summary>Every value must keep to every rule.</summary>
    private static IEnumerable<string> OfRules(
        ApprovalRequest request, string path, IReadOnlyList<ValidationRuleView> rules, IReadOnlyList<string> asked)
    {
        foreach (var rule in rules)
        {
            List<string> refused =
            [
                .. asked.Where(value => !CelRule.Holds(rule.Rule, new CelSubject(value, request.Name, request.Namespace, request.Username))),
            ];
            if (refused.Count > 0)
                yield return $"{path}.validations: {Show(refused)}: {Clean(rule.Message ?? $"failed rule: {rule.Rule}")}";
        }
    }

    /// <summary>
    /// The values of an attribute. Empty ones are as good as absent, and what is not text is objected to elsewhere.
    /// </summary>
    private static IReadOnlyList<string> Values(ApprovalRequest request, string oid) =>
    [
        .. request.Csr.Subject.Attributes
            .Where(attribute => attribute.Oid == oid && attribute is { IsText: true, Value.Length: > 0 })
            .Select(attribute => attribute.Value),
    ];

    private static string Plain(IPAddress address) => (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    /// <summary>A policy's own words, on one line.</summary>
    private static string Clean(string text) => text.ReplaceLineEndings(" ");

    private static string Show(IReadOnlyList<string> values) =>
        string.Join(", ", values.Take(MostShown).Select(value => GoText.Quote(value.Length > LongestShown ? value[..LongestShown] + "…" : value)))
        + (values.Count > MostShown ? $" and {values.Count - MostShown} more" : "");
}
