// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Controllers.Approval.Expressions;

namespace Sealock.Controllers.Approval;

/// <summary>
/// Whether a policy can be evaluated. One that asks for something that is not to be had here (rare parts of CEL, plugins)
/// must never approve by half of what it says.
/// </summary>
internal static class PolicyReadiness
{
    private const long LargestKey = 8192;

    /// <summary>Why the policy cannot be evaluated; empty where it can.</summary>
    public static IReadOnlyList<string> Faults(PolicySpecView spec) =>
    [
        .. (spec.Plugins?.Keys ?? []).Order(StringComparer.Ordinal).Select(name => $"spec.plugins[{name}]: there is no such plugin"),
        .. Lists(spec.Allowed).SelectMany(list => OfList(list.Path, list.Allowed)),
        .. OfText("spec.allowed.commonName", spec.Allowed.CommonName),
        .. OfText("spec.allowed.subject.serialNumber", spec.Allowed.Subject.SerialNumber),
        .. OfConstraints(spec.Constraints),
        .. spec.Selector is { IssuerRef: null, Namespace: null }
            ? (string[])["spec.selector: name an issuerRef or a namespace; {} on either matches everything"] : [],
    ];

    private static IEnumerable<(string Path, AllowedListView? Allowed)> Lists(AllowedView allowed) =>
    [
        ("spec.allowed.dnsNames", allowed.DnsNames),
        ("spec.allowed.ipAddresses", allowed.IpAddresses),
        ("spec.allowed.uris", allowed.Uris),
        ("spec.allowed.emailAddresses", allowed.EmailAddresses),
        ("spec.allowed.subject.organizations", allowed.Subject.Organizations),
        ("spec.allowed.subject.countries", allowed.Subject.Countries),
        ("spec.allowed.subject.organizationalUnits", allowed.Subject.OrganizationalUnits),
        ("spec.allowed.subject.localities", allowed.Subject.Localities),
        ("spec.allowed.subject.provinces", allowed.Subject.Provinces),
        ("spec.allowed.subject.streetAddresses", allowed.Subject.StreetAddresses),
        ("spec.allowed.subject.postalCodes", allowed.Subject.PostalCodes),
        .. allowed.Subject.OtherAttributes.Select(entry => ($"spec.allowed.subject.otherAttributes[{entry.Oid}]", (AllowedListView?)entry)),
        .. allowed.OtherNames.Select(entry => ($"spec.allowed.otherNames[{entry.Oid}]", (AllowedListView?)entry)),
    ];

    private static IEnumerable<string> OfList(string path, AllowedListView? allowed) =>
        allowed is null ? [] : Of(path, "values", allowed.Values is not null, allowed.Required, allowed.Validations);

    private static IEnumerable<string> OfText(string path, AllowedTextView? allowed) =>
        allowed is null ? [] : Of(path, "value", allowed.Value is not null, allowed.Required, allowed.Validations);

    private static IEnumerable<string> Of(
        string path, string part, bool hasValues, bool? required, IReadOnlyList<ValidationRuleView>? validations)
    {
        foreach (var rule in validations ?? [])
        {
            if (CelRule.WhatIsWrong(rule.Rule) is { } problem)
                yield return $"{path}.validations: the rule {GoText.Quote(rule.Rule)} is not supported here: {problem}";
        }

        if (required is true && !hasValues && validations is not { Count: > 0 })
            yield return $"{path}.{part}: it, or validations, must be given where the field is required";
    }

    private static IEnumerable<string> OfConstraints(ConstraintsView constraints)
    {
        var (min, max) = (TimeSpan.Zero, TimeSpan.MaxValue);
        if (constraints.MinDuration is { } least && !GoDuration.TryParse(least, out min))
            yield return "spec.constraints.minDuration: it must be a duration of 0 or more, such as 1h";
        else if (constraints.MaxDuration is { } most && !GoDuration.TryParse(most, out max))
            yield return "spec.constraints.maxDuration: it must be a duration of 0 or more, such as 2160h";
        else if (max < min)
            yield return "spec.constraints.maxDuration: it must be minDuration or more";

        var key = constraints.PrivateKey;
        if (key.Algorithm is { } algorithm && !ConstraintRules.Algorithms.Contains(algorithm))
            yield return $"spec.constraints.privateKey.algorithm: it must be one of {string.Join(", ", ConstraintRules.Algorithms)}";
        if (key.Algorithm == "Ed25519" && (key.MinSize ?? key.MaxSize) is not null)
            yield return "spec.constraints.privateKey: Ed25519 keys have one size only; leave minSize and maxSize out";
        if (key.MinSize is < 0 or > LargestKey || key.MaxSize is < 0 or > LargestKey)
            yield return $"spec.constraints.privateKey: sizes must be between 0 and {LargestKey}";
        if (key.MaxSize < key.MinSize)
            yield return "spec.constraints.privateKey.maxSize: it must be minSize or more";
    }
}
