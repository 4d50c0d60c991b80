// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.Trust;

/// <summary>Certificates that are gathered for a Bundle: each read and taken once, in the order of the sources.</summary>
internal sealed class BundlePool(DateTimeOffset? notExpiredAt)
{
    /// <summary>Together with its Base64 form this still fits into a ConfigMap.</summary>
    private const int MostBytes = 700 * 1024;

    private readonly List<Certificate> _certificates = [];
    private readonly HashSet<Certificate> _members = [];
    private int _bytes;

    public IReadOnlyList<Certificate> Certificates => _certificates;

    /// <summary>Adds what a source holds.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public string? Add(ReadOnlySpan<byte> pem)
    {
        try
        {
            var blocks = PemDocument.Parse(pem).Blocks;
            if (blocks.Count == 0)
                return "it holds no certificate in PEM";
            foreach (var block in blocks)
            {
                if (block.Label != PemLabels.Certificate)
                    return $"it holds a {block.Label}; only certificates may be published";
                if (block.Headers.Count > 0)
                    return "a certificate has PEM headers, which not all programs can read";
                if (Add(Certificate.Parse(block.Content)) is { } problem)
                    return problem;
            }

            return null;
        }
        catch (PkiFormatException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>Adds a certificate.</summary>
    /// <returns>What is wrong with it; null where nothing is.</returns>
    public string? Add(Certificate certificate)
    {
        if ((notExpiredAt is { } now && certificate.NotAfter < now) || !_members.Add(certificate))
            return null;
        _certificates.Add(certificate);
        _bytes += certificate.Der.Length;
        return _bytes <= MostBytes ? null : $"all together is more than the {MostBytes} bytes that an object may hold";
    }
}
