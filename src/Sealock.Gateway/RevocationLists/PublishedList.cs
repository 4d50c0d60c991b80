// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Pki.Revocation;

namespace Sealock.Gateway.RevocationLists;

/// <summary>A CRL as it is handed out.</summary>
public sealed class PublishedList
{
    private PublishedList(ReadOnlyMemory<byte> der, string tag, DateTimeOffset thisUpdate, DateTimeOffset nextUpdate)
    {
        Der = der;
        Pem = Encoding.ASCII.GetBytes(Sealock.Pki.Pem.PemText.Write(Sealock.Pki.Pem.PemLabels.Crl, der.Span));
        Tag = tag;
        ThisUpdate = thisUpdate;
        NextUpdate = nextUpdate;
    }

    /// <summary>The list.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The list as PEM.</summary>
    public ReadOnlyMemory<byte> Pem { get; }

    /// <summary>Hexadecimal digits that no other list has.</summary>
    public string Tag { get; }

    /// <summary>From when on the list is good.</summary>
    public DateTimeOffset ThisUpdate { get; }

    /// <summary>By when there is a newer one.</summary>
    public DateTimeOffset NextUpdate { get; }

    /// <summary>Reads a list.</summary>
    /// <exception cref="Sealock.Pki.PkiFormatException">It is malformed.</exception>
    public static PublishedList Read(ReadOnlyMemory<byte> der)
    {
        var list = CertificateRevocationList.Parse(der);
        var tag = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(der.Span).AsSpan(0, 16));
        return new PublishedList(der, tag, list.ThisUpdate, list.NextUpdate ?? list.ThisUpdate);
    }
}
