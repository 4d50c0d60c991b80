// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Sealock.Pki.Revocation;

namespace Sealock.Gateway.RevocationLists;

/// <summary>A CRL as it is handed out.</summary>
public sealed class PublishedList
{
    private PublishedList(CertificateRevocationList list)
    {
        Der = list.Der;
        Pem = Encoding.ASCII.GetBytes(list.ToPem());
        Tag = Convert.ToHexStringLower(SHA256.HashData(list.Der.Span).AsSpan(0, 16));
        Issuer = list.Issuer.CommonName ?? "";
        Number = (double)(list.Number ?? 0);
        ThisUpdate = list.ThisUpdate;
        NextUpdate = list.NextUpdate ?? list.ThisUpdate;
    }

    /// <summary>The list.</summary>
    public ReadOnlyMemory<byte> Der { get; }

    /// <summary>The list as PEM.</summary>
    public ReadOnlyMemory<byte> Pem { get; }

    /// <summary>Hexadecimal digits that no other list has.</summary>
    public string Tag { get; }

    /// <summary>Common name of who issued it.</summary>
    public string Issuer { get; }

    /// <summary>Its number; 0 where it has none.</summary>
    public double Number { get; }

    /// <summary>From when on the list is good.</summary>
    public DateTimeOffset ThisUpdate { get; }

    /// <summary>By when there is a newer one.</summary>
    public DateTimeOffset NextUpdate { get; }

    /// <summary>Reads a list.</summary>
    /// <exception cref="Sealock.Pki.PkiFormatException">It is malformed.</exception>
    public static PublishedList Read(ReadOnlyMemory<byte> der) => new(CertificateRevocationList.Parse(der));
}
