// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Pki.Certificates;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Listing;

/// <summary>A column of the list.</summary>
/// <param name="Title">Its heading; kubeadm's where kubeadm has the column.</param>
/// <param name="Rank">Which columns stay where there is no room for all: the lowest.</param>
/// <param name="Text">The cell.</param>
public sealed record ListColumn(string Title, int Rank, Func<CertificateList, CertificateRow, string> Text);

/// <summary>The columns of the list.</summary>
public static class ListColumns
{
    private const int WideOnly = 100;

    /// <summary>All columns of leaves, in order.</summary>
    public static IReadOnlyList<ListColumn> OfLeaves { get; } =
    [
        new("NODE", 1, (_, row) => row.Node),
        new("CERTIFICATE", 0, (_, row) => row.Name),
        new("TYPE", 5, (_, row) => row.Type),
        new("EXPIRES", 3, (_, row) => Expires(row)),
        new("RESIDUAL TIME", 0, Residual),
        new("CERTIFICATE AUTHORITY", 4, (_, row) => row.Authority),
        new("EXTERNALLY MANAGED", 9, (_, row) => row.IsExternallyManaged ? "yes" : "no"),
        new("CN", 6, (_, row) => row.Certificate?.Subject.CommonName ?? ""),
        new("O", 7, (_, row) => string.Join(", ", row.Certificate?.Subject.Organizations ?? [])),
        new("KEY", 8, (_, row) => row.Certificate?.PublicKey.Description ?? ""),
        new("FINDINGS", 2, (_, row) => Findings(row)),
        new("SANS", WideOnly, (_, row) => string.Join(", ", row.Certificate?.Names.Select(name => name.Text) ?? [])),
        new("USAGES", WideOnly, (_, row) => string.Join(", ", Usages(row.Certificate))),
        new("SERIAL", WideOnly, (_, row) => row.Certificate?.SerialNumber.ToString() ?? ""),
        new("ISSUER", WideOnly, (_, row) => row.Certificate?.Issuer.ToString() ?? ""),
        new("PATH", WideOnly, (_, row) => row.PathOnNode),
    ];

    /// <summary>All columns of authorities, in order.</summary>
    public static IReadOnlyList<ListColumn> OfAuthorities { get; } =
    [
        new("NODE", 1, (_, row) => row.Node),
        new("CERTIFICATE AUTHORITY", 0, (_, row) => row.Name),
        new("EXPIRES", 3, (_, row) => Expires(row)),
        new("RESIDUAL TIME", 0, Residual),
        new("EXTERNALLY MANAGED", 4, (_, row) => row.IsExternallyManaged ? "yes" : "no"),
        new("CN", 5, (_, row) => row.Certificate?.Subject.CommonName ?? ""),
        new("KEY", 6, (_, row) => row.Certificate?.PublicKey.Description ?? ""),
        new("FINDINGS", 2, (_, row) => Findings(row)),
        new("USAGES", WideOnly, (_, row) => string.Join(", ", Usages(row.Certificate))),
        new("SERIAL", WideOnly, (_, row) => row.Certificate?.SerialNumber.ToString() ?? ""),
        new("ISSUER", WideOnly, (_, row) => row.Certificate?.Issuer.ToString() ?? ""),
        new("PATH", WideOnly, (_, row) => row.PathOnNode),
    ];

    /// <summary>True for columns that stand in the table only where it is asked to be wide.</summary>
    public static bool IsWideOnly(ListColumn column) => column.Rank >= WideOnly;

    /// <summary>The usages of a certificate in Kubernetes' words.</summary>
    public static IEnumerable<string> Usages(Certificate? certificate) => certificate is null ? []
        : [.. certificate.KeyUsage is { } usage ? CertificateFacts.NamesOf(usage) : [], .. certificate.KeyPurposes.Select(KeyPurposes.NameOf)];

    private static string Expires(CertificateRow row) =>
        row.Certificate?.NotAfter.UtcDateTime.ToString("MMM dd, yyyy HH:mm 'UTC'", CultureInfo.InvariantCulture) ?? "MISSING";

    /// <summary>As kubeadm tells it (<c>364d</c>, <c>9y</c>); hours where it is a matter of hours.</summary>
    private static string Residual(CertificateList list, CertificateRow row)
    {
        if (row.Certificate is not { } certificate)
            return "";
        if (list.Now > certificate.NotAfter)
            return "EXPIRED";
        var left = certificate.NotAfter - list.Now;
        return left.TotalDays >= 365 * 2 ? string.Create(CultureInfo.InvariantCulture, $"{(int)(left.TotalDays / 365)}y")
            : left.TotalDays >= 2 ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalDays}d")
            : left.TotalHours >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalHours}h")
            : string.Create(CultureInfo.InvariantCulture, $"{(int)left.TotalMinutes}m");
    }

    private static string Findings(CertificateRow row) => row.Findings.Count == 0 ? "-"
        : string.Join(", ", row.Findings.OrderByDescending(finding => finding.Severity).Select(finding => finding.Rule).Distinct());
}
