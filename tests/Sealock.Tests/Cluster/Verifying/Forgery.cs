// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;

namespace Sealock.Tests.Cluster.Verifying;

/// <summary>A certificate as some tool or mistake makes it: nothing is checked, everything can be wrong.</summary>
internal sealed record Forgery
{
    /// <summary>Whom it names, as .NET reads it.</summary>
    public required string Subject { get; init; }

    /// <summary>DNS names and addresses; a name with a slash before it is written as a DNS name whatever it looks like.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    public IReadOnlyList<string> Purposes { get; init; } = [];

    public X509KeyUsageFlags? KeyUsage { get; init; } = X509KeyUsageFlags.DigitalSignature;

    public bool? IsCa { get; init; } = false;

    public required DateTimeOffset NotBefore { get; init; }

    public required DateTimeOffset NotAfter { get; init; }

    public byte[] Serial { get; init; } = [0x40, .. RandomNumberGenerator.GetBytes(15)];

    public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA256;

    /// <summary>The authority key identifier, where it is to be another than the issuer's.</summary>
    public byte[]? AuthorityKeyIdentifier { get; init; }

    /// <summary>Signs it, with <paramref name="issuerKey"/> in the name of <paramref name="issuer"/>; null: in its own.</summary>
    public Certificate Sign(AsymmetricAlgorithm key, Certificate? issuer, AsymmetricAlgorithm issuerKey)
    {
        var name = new X500DistinguishedName(Subject);
        var request = key is RSA rsa ? new CertificateRequest(name, rsa, Hash, RSASignaturePadding.Pkcs1) : new(name, (ECDsa)key, Hash);
        if (IsCa is { } authority)
            request.CertificateExtensions.Add(new X509BasicConstraintsExtension(authority, false, 0, critical: true));
        if (KeyUsage is { } usage)
            request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        if (Purposes.Count > 0)
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([.. Purposes.Select(purpose => new Oid(purpose))], false));
        if (Names.Count > 0)
            request.CertificateExtensions.Add(AlternativeNames());
        if (IsCa == true)
            request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var identifier = AuthorityKeyIdentifier ?? issuer?.SubjectKeyIdentifier.ToArray() ?? [];
        if (identifier.Length > 0)
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromSubjectKeyIdentifier(identifier));
        var generator = issuerKey is RSA signer
            ? X509SignatureGenerator.CreateForRSA(signer, RSASignaturePadding.Pkcs1)
            : X509SignatureGenerator.CreateForECDsa((ECDsa)issuerKey);
        var issuerName = issuer is null ? name : new X500DistinguishedName(issuer.Subject.Der.Span);
        using var made = request.Create(issuerName, generator, NotBefore, NotAfter, Serial);
        return Certificate.ParseForInspection(made.RawData);
    }

    private X509Extension AlternativeNames()
    {
        var builder = new SubjectAlternativeNameBuilder();
        foreach (var one in Names)
        {
            if (one.StartsWith('/'))
                builder.AddDnsName(one[1..]);
            else if (IPAddress.TryParse(one, out var address))
                builder.AddIpAddress(address);
            else
                builder.AddDnsName(one);
        }

        return builder.Build();
    }
}
