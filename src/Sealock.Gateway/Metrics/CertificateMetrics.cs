// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Gateway.Metrics;

/// <summary>A certificate whose dates are shown in metrics.</summary>
/// <param name="Certificate">The certificate.</param>
/// <param name="Usage">What it is there for, one of few words: <c>serving</c>, <c>serving_ca</c>, <c>client_ca</c>, <c>signer</c>.</param>
/// <param name="Place">
/// Where it stands, in the words of x509-certificate-exporter: <c>filename</c> and <c>filepath</c>, or <c>secret_namespace</c>,
/// <c>secret_name</c> and <c>secret_key</c>.
/// </param>
public sealed record MeasuredCertificate(Certificate Certificate, string Usage, IReadOnlyList<(string Name, string Value)> Place)
{
    /// <summary>The place of what stands in a file.</summary>
    public static IReadOnlyList<(string Name, string Value)> InFile(string path) =>
        [("filename", Path.GetFileName(path)), ("filepath", Path.GetFullPath(path))];
}

/// <summary>
/// Dates of certificates under the names of x509-certificate-exporter, so that its dashboards and alerts work unchanged. The
/// label <c>usage</c> is ours.
/// </summary>
internal static class CertificateMetrics
{
    /// <summary>A bundle may be as large as it likes; a page of metrics may not.</summary>
    private const int Most = 500;

    private static readonly (string Name, string Help, Func<Certificate, DateTimeOffset, double> Value)[] Families =
    [
        ("x509_cert_not_before", "Since when the certificate is valid, in Unix time.", (one, _) => one.NotBefore.ToUnixTimeSeconds()),
        ("x509_cert_not_after", "Until when the certificate is valid, in Unix time.", (one, _) => one.NotAfter.ToUnixTimeSeconds()),
        ("x509_cert_expired", "1 where the certificate has expired.", (one, now) => now > one.NotAfter ? 1 : 0),
    ];

    /// <summary>Writes the dates of certificates; of the same one in the same place only once.</summary>
    public static void Write(PrometheusText text, IEnumerable<MeasuredCertificate> certificates, DateTimeOffset now)
    {
        var series = certificates
            .DistinctBy(one => (one.Certificate.Sha256Hex, one.Usage, string.Join('\n', one.Place.Select(label => label.Value))))
            .Take(Most)
            .Select(one => (one.Certificate, Labels: ((string, string)[])[("usage", one.Usage), .. one.Place, .. ExporterLabels.Of(one.Certificate)]))
            .ToList();
        // Two certificates of one issuer with the same serial number are a fault of that issuer, and no reason for a page that
        // nobody can read.
        series = [.. series.DistinctBy(one => string.Join('\n', one.Labels.Select(label => label.Item2)))];
        foreach (var (name, help, value) in Families)
        {
            text.Family(name, "gauge", help);
            foreach (var (certificate, labels) in series)
                text.Sample(name, value(certificate, now), labels);
        }
    }
}
