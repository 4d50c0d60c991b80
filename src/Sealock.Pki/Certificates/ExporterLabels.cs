// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Numerics;

namespace Sealock.Pki.Certificates;

/// <summary>The labels by which x509-certificate-exporter names a certificate in metrics.</summary>
public static class ExporterLabels
{
    private static readonly (string Oid, string Field)[] Fields =
        [("2.5.4.6", "C"), ("2.5.4.8", "ST"), ("2.5.4.7", "L"), ("2.5.4.10", "O"), ("2.5.4.11", "OU")];

    /// <summary>Serial number (decimal), issuer and subject; without those that have no value.</summary>
    public static IEnumerable<(string Name, string Value)> Of(Certificate certificate) =>
    [
        ("serial_number", new BigInteger(certificate.SerialNumber.Bytes.Span, isUnsigned: false, isBigEndian: true).ToString(CultureInfo.InvariantCulture)),
        .. OfName("issuer_", certificate.Issuer),
        .. OfName("subject_", certificate.Subject),
    ];

    private static IEnumerable<(string Name, string Value)> OfName(string prefix, DistinguishedName name)
    {
        foreach (var (oid, field) in Fields)
        {
            if (name.Values(oid).FirstOrDefault() is { Length: > 0 } value)
                yield return (prefix + field, value);
        }

        if (name.CommonName is { Length: > 0 } common)
            yield return (prefix + "CN", common);
    }
}
