// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Listing;
using Sealock.Cluster.Verifying;
using Sealock.Pki.Inspection;

namespace Sealock.Commands.Pki;

/// <summary>Prints a list for people.</summary>
internal static class ListPage
{
    /// <summary>Leaves, then authorities, as kubeadm orders them, and a line that sums up.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="list">What to print.</param>
    /// <param name="wide">All columns, however wide; else what fits into <paramref name="width"/>.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="rows">Which rows; null: all but copies.</param>
    public static void Write(TextWriter output, CertificateList list, bool wide, int width, IReadOnlyList<CertificateRow>? rows = null)
    {
        rows ??= [.. list.Rows.Where(row => !row.IsCopy || row.Findings.Count > 0)];
        var leaves = rows.Where(row => !row.IsAuthority).ToList();
        var authorities = rows.Where(row => row.IsAuthority).ToList();
        if (leaves.Count > 0)
            Write(output, list, ListColumns.OfLeaves, leaves, wide, width);
        if (leaves.Count > 0 && authorities.Count > 0)
            output.WriteLine();
        if (authorities.Count > 0)
            Write(output, list, ListColumns.OfAuthorities, authorities, wide, width);
    }

    /// <summary>How many certificates there are, and which expires first.</summary>
    public static string Summary(CertificateList list)
    {
        var certificates = list.Rows.Where(row => row.Certificate is not null && !row.IsCopy).ToList();
        var first = certificates.Where(row => row.Certificate!.NotAfter >= list.Now).MinBy(row => row.Certificate!.NotAfter); // Filtered above.
        return $"{certificates.Count} certificate{(certificates.Count == 1 ? "" : "s")}"
            + (first is null ? "" : $"; the first to expire is {Title(first)}, {ValidityText.Relative(first.Certificate!.NotAfter, list.Now)}"); // Likewise.
    }

    /// <summary>What has to be done: each finding of the rows that are due, and those of no certificate.</summary>
    public static IReadOnlyList<Finding> Due(CertificateList list) =>
    [
        .. list.Rows.Where(CertificateList.IsDue).SelectMany(row => row.Findings).Where(finding => finding.Severity == Severity.Error || finding.Rule is "expiring" or "ca-expiring").Distinct(),
        .. list.Others.Where(finding => finding.Severity == Severity.Error),
    ];

    private static string Title(CertificateRow row) => row.Node.Length == 0 ? row.Name : $"{row.Node}/{row.Name}";

    private static void Write(TextWriter output, CertificateList list, IReadOnlyList<ListColumn> columns, List<CertificateRow> rows, bool wide, int width)
    {
        List<ListColumn> asked = [.. columns.Where(column => wide || !ListColumns.IsWideOnly(column))];
        RankedTable.Write(output, [.. asked.Select(column => (column.Title, column.Rank))],
            [.. rows.Select(row => asked.Select(column => column.Text(list, row)).ToArray())], wide ? int.MaxValue : width);
    }
}
