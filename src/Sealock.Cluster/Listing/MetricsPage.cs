// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Sealock.Cluster.Surveying;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Listing;

/// <summary>
/// A list as a page for node-exporter's textfile collector, with the names and labels of x509-certificate-exporter, so that
/// its dashboards and alerts work unchanged. Labels without value are left out, which is the same to Prometheus.
/// </summary>
public static class MetricsPage
{
    private const string SourceName = "sealock";

    /// <summary>The page.</summary>
    public static void Write(TextWriter output, CertificateList list)
    {
        var series = Series(list).ToList();
        var certificates = series.Where(one => one.Certificate is not null).ToList();
        Family("x509_cert_not_before", "Unix timestamp of the start of the certificate's validity.", certificates, one => Unix(one.Certificate!.NotBefore)); // Filtered above.
        Family("x509_cert_not_after", "Unix timestamp of the end of the certificate's validity.", certificates, one => Unix(one.Certificate!.NotAfter));
        Family("x509_cert_expired", "1 if the certificate has expired, else 0.", certificates, one => list.Now > one.Certificate!.NotAfter ? 1 : 0);
        Family("x509_cert_expires_in_seconds", "Seconds until the end of the certificate's validity, when this page was written.", certificates,
            one => (long)(one.Certificate!.NotAfter - list.Now).TotalSeconds);
        Family("x509_cert_valid_since_seconds", "Seconds since the start of the certificate's validity, when this page was written.", certificates,
            one => (long)(list.Now - one.Certificate!.NotBefore).TotalSeconds);
        Family("x509_cert_error", "1 if a certificate could not be read, else 0.", series, one => one.Certificate is null ? 1 : 0);
        var kinds = series.GroupBy(one => one.Kind).OrderBy(group => group.Key, StringComparer.Ordinal).ToList();
        Head("x509_source_up", "1 if the source was read.", "gauge");
        foreach (var kind in kinds)
            output.Write($"x509_source_up{{source_kind=\"{kind.Key}\",source_name=\"{SourceName}\"}} 1\n");
        Head("x509_source_bundles", "Files with certificates, by kind.", "gauge");
        foreach (var kind in kinds)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"x509_source_bundles{{source_kind=\"{kind.Key}\",source_name=\"{SourceName}\"}} {kind.DistinctBy(one => one.Path).Count()}\n"));
        Head("x509_source_errors_total", "Files with certificates that could not be read, by kind.", "counter");
        foreach (var kind in kinds)
            output.Write(string.Create(CultureInfo.InvariantCulture, $"x509_source_errors_total{{source_kind=\"{kind.Key}\",source_name=\"{SourceName}\",reason=\"read_failed\"}} {kind.Count(one => one.Certificate is null)}\n"));

        void Head(string name, string help, string type) => output.Write($"# HELP {name} {help}\n# TYPE {name} {type}\n");

        void Family(string name, string help, List<One> of, Func<One, long> value)
        {
            Head(name, help, "gauge");
            foreach (var one in of)
                output.Write(string.Create(CultureInfo.InvariantCulture, $"{name}{{{one.Labels}}} {value(one)}\n"));
        }
    }

    private static IEnumerable<One> Series(CertificateList list)
    {
        HashSet<string> used = new(StringComparer.Ordinal);
        foreach (var row in list.Rows)
            yield return Distinct(new(row.Certificate, row.Path, Kind(row), Labels(row.Path, row.Certificate, row.Embedded)), used);
        foreach (var file in list.Files)
        {
            if (file.Body is not KubeconfigBody { Target.Cluster: { CertificateAuthorityData.IsDefaultOrEmpty: false } cluster, Authorities: { } authorities })
                continue;
            foreach (var certificate in authorities.Certificates)
                yield return Distinct(new(certificate, file.Path, "kubeconfig", Labels(file.Path, certificate, ("cluster", cluster.Name))), used);
        }
    }

    private static string Kind(CertificateRow row) => row.Embedded is null && row.PathOnNode.EndsWith(".crt", StringComparison.Ordinal) ? "file"
        : row.Embedded is null && !row.PathOnNode.EndsWith(".conf", StringComparison.Ordinal) ? "file" : "kubeconfig";

    /// <summary>A file may hold the same certificate twice; series must differ, so the later ones get a discriminator.</summary>
    private static One Distinct(One one, HashSet<string> used)
    {
        var labels = one.Labels;
        for (var index = 1; !used.Add(labels); index++)
            labels = $"{one.Labels},discriminator=\"{Discriminator(one, index)}\"";
        return one with { Labels = labels };
    }

    private static string Discriminator(One one, int index) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{one.Certificate?.Sha256Hex}\0{one.Path}\0{index}"))))[..8];

    private static string Labels(string path, Certificate? certificate, (string Kind, string Key)? embedded)
    {
        var labels = new StringBuilder();
        Add("filename", Path.GetFileName(path));
        Add("filepath", path);
        Add("embedded_kind", embedded?.Kind);
        Add("embedded_key", embedded?.Key);
        if (certificate is not null)
        {
            foreach (var (name, value) in ExporterLabels.Of(certificate))
                Add(name, value);
        }

        return labels.ToString();

        void Add(string name, string? value)
        {
            if (string.IsNullOrEmpty(value))
                return;
            if (labels.Length > 0)
                labels.Append(',');
            labels.Append(name).Append("=\"").Append(value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)).Append('"');
        }
    }

    private static long Unix(DateTimeOffset time) => time.ToUnixTimeSeconds();

    private sealed record One(Certificate? Certificate, string Path, string Kind, string Labels);
}
