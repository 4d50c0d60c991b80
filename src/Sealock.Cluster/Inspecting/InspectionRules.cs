// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;
using Sealock.Pki.Paths;

namespace Sealock.Cluster.Inspecting;

/// <summary>What is wrong with what was found: pure decisions over the sources and their relations.</summary>
public static class InspectionRules
{
    /// <summary>Every finding, in the order of the sources.</summary>
    /// <param name="sources">What was found.</param>
    /// <param name="relations">Their relations.</param>
    /// <param name="now">The moment to judge at.</param>
    /// <param name="within">How long before its end a certificate is to be renewed.</param>
    public static IReadOnlyList<InspectionFinding> Run(
        IReadOnlyList<InspectedSource> sources, InspectionRelations relations, DateTimeOffset now, TimeSpan within)
    {
        var groups = sources.SelectMany(s => s.Items).ToLookup(i => i.Group, StringComparer.Ordinal);
        return
        [
            .. sources.SelectMany(source => (IEnumerable<InspectionFinding>)
            [
                .. Failure(source),
                .. source.Items.SelectMany(item => OfItem(source, item, relations, groups, now, within)),
                .. Chains(source),
                .. WrongHost(source),
            ]),
        ];
    }

    private static IEnumerable<InspectionFinding> Failure(InspectedSource source)
    {
        if (source.Failure is { } failure)
            yield return new(InspectionSeverity.Error, "unreadable", failure, source, null);
    }

    private static IEnumerable<InspectionFinding> OfItem(
        InspectedSource source, InspectedItem item, InspectionRelations relations, ILookup<string, InspectedItem> groups, DateTimeOffset now, TimeSpan within)
    {
        switch (item.Content)
        {
            case CertificateContent { Certificate: var certificate }:
                foreach (var (severity, code, message) in OfCertificate(certificate, item.Facts!, relations.SignerOf(item), now, within))
                    yield return new(severity, code, message, source, item);
                break;
            case RequestContent { Request: var request }:
                if (request.SignatureProblem is { } problem)
                    yield return Error("request-signature", $"the request is not signed with its own key: {problem}");
                foreach (var warning in request.Warnings)
                    yield return new(InspectionSeverity.Warning, "weak", warning, source, item);
                break;
            case RevocationListContent { List: var list } when list.IsStaleAt(now):
                yield return Error("stale", $"the next list was due {ValidityText.Relative(list.NextUpdate!.Value, now)}; fetch or issue it");
                break;
            case UnreadableContent broken:
                yield return Error(broken.Reason.Contains("passphrase", StringComparison.Ordinal) ? "locked" : "malformed", broken.Reason);
                break;
            case PublicKeyContent { Key: var key } when KeyFacts.Of(key).Problem is { } weakness:
                yield return new(InspectionSeverity.Warning, "weak", weakness, source, item);
                break;
            case PrivateKeyContent { Key: not null }:
                // Certificates beside it, or else the public key that stands for them.
                var others = groups[item.Group].Where(i => i.Content is CertificateContent).ToList();
                if (others.Count == 0)
                    others = [.. groups[item.Group].Where(i => i.Content is PublicKeyContent)];
                if (others.Count > 0 && !relations.WithSameKey(item).Any(others.Contains))
                    yield return Error("key-mismatch", $"the key does not belong to the {others[0].Content.Kind} beside it; put the right pair together");
                break;
        }

        InspectionFinding Error(string code, string message) => new(InspectionSeverity.Error, code, message, source, item);
    }

    private static IEnumerable<(InspectionSeverity Severity, string Code, string Message)> OfCertificate(
        Certificate certificate, CertificateFacts facts, InspectedItem? signer, DateTimeOffset now, TimeSpan within)
    {
        switch (ValidityText.StateAt(now, certificate.NotBefore, certificate.NotAfter, within))
        {
            case ValidityState.Expired:
                yield return (InspectionSeverity.Error, "expired", $"it expired {ValidityText.Relative(certificate.NotAfter, now)}");
                break;
            case ValidityState.NotYetValid:
                yield return (InspectionSeverity.Error, "not-yet-valid", $"it becomes valid only {ValidityText.Relative(certificate.NotBefore, now)}; is the clock right?");
                break;
            case ValidityState.Expiring:
                yield return (InspectionSeverity.Error, "expiring", $"it expires {ValidityText.Relative(certificate.NotAfter, now)}");
                break;
        }

        if (certificate.NotAfter < certificate.NotBefore)
            yield return (InspectionSeverity.Error, "never-valid", "its validity ends before it begins");
        if (signer?.Content is CertificateContent { Certificate: var issuer } && certificate.NotAfter > issuer.NotAfter)
        {
            yield return (InspectionSeverity.Warning, "outlives-issuer",
                $"it outlives its issuer, which ends {ValidityText.Relative(issuer.NotAfter, now)}");
        }

        foreach (var fault in facts.Faults)
            yield return (InspectionSeverity.Error, "malformed", fault);
        foreach (var warning in facts.Warnings)
            yield return (InspectionSeverity.Warning, "unsound", warning);
    }

    private static IEnumerable<InspectionFinding> Chains(InspectedSource source) => source.Items
        .Where(item => item.Content is CertificateContent)
        .GroupBy(item => item.Entry)
        .SelectMany(entry => Chain(source, [.. entry]));

    /// <summary>
    /// Certificates in a row are a chain where they are served, or where a leaf is followed by a CA: each has to be signed by
    /// the next. Rows of CAs are bundles, in which the order means nothing.
    /// </summary>
    private static IEnumerable<InspectionFinding> Chain(InspectedSource source, IReadOnlyList<InspectedItem> row)
    {
        var certificates = row.Select(item => ((CertificateContent)item.Content).Certificate).ToList();
        if (certificates.Count < 2 || !(source.IsServedChain || (!IsAuthority(certificates[0]) && IsAuthority(certificates[1]))))
            yield break;
        for (var i = 1; i < certificates.Count; i++)
        {
            var (previous, next) = (certificates[i - 1], certificates[i]);
            if (Signatures.RefuseIssuer(previous, next) is not { } reason)
                continue;
            var message = previous.Equals(next) ? $"it repeats certificate {i}; take it out"
                : Signatures.IsSelfSigned(previous) ? $"it does not belong to the chain, which ends with certificate {i}; take it out"
                : certificates.FindIndex(c => Signatures.RefuseIssuer(previous, c) is null) is >= 0 and var right
                    ? $"the order is wrong: certificate {i} is signed by certificate {right + 1}, which has to follow it"
                    : $"the chain is broken: it did not sign certificate {i} ({reason})";
            yield return new(InspectionSeverity.Error, "chain-broken", message, source, row[i]);
            yield break;
        }
    }

    private static bool IsAuthority(Certificate certificate) => certificate.IsCa || (certificate.Version < 3 && certificate.IsSelfIssued);

    private static IEnumerable<InspectionFinding> WrongHost(InspectedSource source)
    {
        if (source is { ExpectedHost: { } host, Items: [{ Content: CertificateContent { Certificate: var leaf } } item, ..] }
            && HostNames.Refuse(leaf, host) is { } mismatch)
        {
            yield return new(InspectionSeverity.Error, "wrong-host", mismatch, source, item);
        }
    }
}
