// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Listing;

/// <summary>A list as comma-separated values (RFC 4180), one certificate a line, for spreadsheets.</summary>
public static class ListCsv
{
    private static readonly (string Title, Func<CertificateList, CertificateRow, string> Text)[] Columns =
    [
        ("node", (_, row) => row.Node),
        ("name", (_, row) => row.Name),
        ("type", (_, row) => row.Type),
        ("path", (_, row) => row.Path),
        ("commonName", (_, row) => row.Certificate?.Subject.CommonName ?? ""),
        ("organizations", (_, row) => string.Join(' ', row.Certificate?.Subject.Organizations ?? [])),
        ("names", (_, row) => string.Join(' ', row.Certificate?.Names.Select(name => name.ToString()) ?? [])),
        ("usages", (_, row) => string.Join("; ", ListColumns.Usages(row.Certificate))),
        ("authority", (_, row) => row.Authority),
        ("issuer", (_, row) => row.Certificate?.Issuer.ToString() ?? ""),
        ("serialNumber", (_, row) => row.Certificate?.SerialNumber.ToString() ?? ""),
        ("notBefore", (_, row) => row.Certificate is { } certificate ? ValidityText.Rfc3339(certificate.NotBefore) : ""),
        ("notAfter", (_, row) => row.Certificate is { } certificate ? ValidityText.Rfc3339(certificate.NotAfter) : ""),
        ("residualDays", (list, row) => row.Certificate is { } certificate
            ? ((long)Math.Floor((certificate.NotAfter - list.Now).TotalDays)).ToString(CultureInfo.InvariantCulture) : ""),
        ("key", (_, row) => row.Certificate?.PublicKey.Description ?? ""),
        ("externallyManaged", (_, row) => row.IsExternallyManaged ? "yes" : "no"),
        ("findings", (_, row) => string.Join(' ', row.Findings.Select(finding => finding.Rule).Distinct())),
    ];

    /// <summary>A line of headings, then the rows.</summary>
    public static void Write(TextWriter output, CertificateList list, IReadOnlyList<CertificateRow>? rows = null)
    {
        output.Write(string.Join(',', Columns.Select(column => column.Title)) + "\r\n");
        foreach (var row in rows ?? list.Rows)
            output.Write(string.Join(',', Columns.Select(column => Field(column.Text(list, row)))) + "\r\n");
    }

    /// <summary>Spreadsheets take a cell that starts with one of these signs for a formula; a quote before it stops that.</summary>
    private static string Field(string text)
    {
        if (text.Length > 0 && text[0] is '=' or '+' or '-' or '@' && !double.TryParse(text, CultureInfo.InvariantCulture, out _))
            text = "'" + text;
        return text.AsSpan().IndexOfAny("\",\r\n") < 0 ? text : $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
