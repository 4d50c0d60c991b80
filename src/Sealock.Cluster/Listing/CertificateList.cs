// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Surveying;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Listing;

/// <summary>Every certificate of a cluster in one list, and what is wrong with each.</summary>
public sealed class CertificateList
{
    private CertificateList(Survey survey, IReadOnlyList<CertificateRow> rows, IReadOnlyList<Finding> others) =>
        (Now, Within, Scope, Rows, Others, Files) = (survey.Now, survey.Within, survey.Scope, rows, others, survey.Files);

    /// <summary>The moment that residual times count from.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>How long before its end a certificate counts as expiring.</summary>
    public TimeSpan Within { get; }

    /// <summary>Where was looked.</summary>
    public SurveyScope Scope { get; }

    /// <summary>Authorities first, then leaves node by node.</summary>
    public IReadOnlyList<CertificateRow> Rows { get; }

    /// <summary>Findings that belong to no certificate.</summary>
    public IReadOnlyList<Finding> Others { get; }

    internal IReadOnlyList<SurveyedFile> Files { get; }

    /// <summary>Something has expired or will within the threshold, or is wrong.</summary>
    public bool NeedsAttention => Others.Any(finding => finding.Severity == Severity.Error) || Rows.Any(IsDue);

    /// <summary>True for a row that <c>check</c> shows without being asked.</summary>
    public static bool IsDue(CertificateRow row) => row.Worst == Severity.Error
        || row.Findings.Any(finding => finding.Rule is "expiring" or "ca-expiring");

    /// <summary>Joins what was found with what is wrong with it.</summary>
    public static CertificateList Of(Survey survey, IReadOnlyList<Finding> findings)
    {
        var byPath = findings.ToLookup(finding => finding.Path);
        var keys = survey.Files.Where(file => file.Role.Kind == RoleKind.AuthorityKey && !file.IsMissing)
            .Select(file => file.Role.Authority?.Name).ToHashSet();
        HashSet<(string?, Certificate)> shown = [];
        List<CertificateRow> rows = [];
        foreach (var found in survey.Authorities)
        {
            rows.Add(new()
            {
                Node = found.File.Node,
                Name = found.Authority?.Name ?? System.IO.Path.GetFileNameWithoutExtension(found.File.Path),
                Type = "ca",
                Path = found.File.Path,
                PathOnNode = found.File.PathOnNode,
                Certificate = found.Certificate,
                Authority = found.Certificate.IsSelfIssued ? "" : found.Certificate.Issuer.CommonName ?? found.Certificate.Issuer.ToString(),
                IsExternallyManaged = found.Authority is { } authority && !keys.Contains(authority.Name),
                IsCopy = !shown.Add((found.Authority?.Name, found.Certificate)),
                Findings = found.Index == 0 ? [.. byPath[found.File.Path]] : [],
            });
        }

        foreach (var leaf in survey.Leaves)
        {
            var ofKey = leaf.KeyFile is { } key && key != leaf.File ? byPath[key.Path] : [];
            rows.Add(new()
            {
                Node = leaf.File.Node,
                Name = leaf.Name,
                Type = TypeOf(leaf.Certificate),
                Path = leaf.File.Path,
                PathOnNode = leaf.File.PathOnNode,
                Certificate = leaf.Certificate,
                Authority = leaf.Issuer.Authority?.Name ?? leaf.Certificate.Issuer.CommonName ?? leaf.Certificate.Issuer.ToString(),
                IsExternallyManaged = leaf.Issuer.Authority is { } authority && !keys.Contains(authority.Name),
                Embedded = leaf.File.Body is KubeconfigBody config ? ("user", config.Target?.User?.Name ?? "") : null,
                Findings = [.. byPath[leaf.File.Path].Concat(ofKey)],
            });
        }

        rows.AddRange(Absent(survey, byPath, [.. rows.Select(row => row.Path)]));
        var told = rows.SelectMany(row => row.Findings).ToHashSet(ReferenceEqualityComparer.Instance);
        return new(survey, [.. rows.Where(row => row.IsAuthority), .. rows.Where(row => !row.IsAuthority).OrderBy(row => row.Node, StringComparer.Ordinal)],
            [.. findings.Where(finding => !told.Contains(finding))]);
    }

    /// <summary>Certificates that should be there: they have a row, so that nobody overlooks them.</summary>
    private static IEnumerable<CertificateRow> Absent(Survey survey, ILookup<string, Finding> findings, HashSet<string> shown) =>
        survey.Files.Where(file => file.Role.Kind is RoleKind.Leaf or RoleKind.AuthorityBundle or RoleKind.SigningCertificate && !shown.Contains(file.Path))
            .Concat(survey.Files.Where(file => file is { Role: { Kind: RoleKind.Kubeconfig, Leaf: not null }, Planned: not null } && !shown.Contains(file.Path)))
            .Select(file => new CertificateRow
            {
                Node = file.Node,
                Name = file.Role.Kind is RoleKind.Leaf or RoleKind.Kubeconfig ? file.Role.Leaf?.Name ?? "" : file.Role.Authority?.Name ?? "",
                Type = file.Role.Kind is RoleKind.Leaf or RoleKind.Kubeconfig ? TypeOf(file.Role.Leaf?.Purposes ?? []) : "ca",
                Path = file.Path,
                PathOnNode = file.PathOnNode,
                Certificate = null,
                Authority = file.Role.Kind is RoleKind.Leaf or RoleKind.Kubeconfig ? file.Role.Authority?.Name ?? "" : "",
                Findings = [.. findings[file.Path]],
            });

    private static string TypeOf(Certificate certificate) => certificate.IsCa ? "ca" : TypeOf(certificate.KeyPurposes);

    private static string TypeOf(IReadOnlyList<string> purposes) => (purposes.Contains(KeyPurposes.ServerAuth), purposes.Contains(KeyPurposes.ClientAuth)) switch
    {
        (true, true) => "peer",
        (true, false) => "server",
        (false, true) => "client",
        _ => purposes.Count == 0 ? "any" : "other",
    };
}
