// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Tests.Gateway;

/// <summary>A CA of the BCL's making, as an outsider to what is tested.</summary>
internal sealed class TestAuthority : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <param name="name">Its common name.</param>
    /// <param name="above">The CA that certifies it; null: itself.</param>
    public TestAuthority(string name, TestAuthority? above = null)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        Certificate = above is null
            ? request.CreateSelfSigned(Now.AddYears(-1), Now.AddYears(10))
            : request.Create(
                above.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(above._key), Now.AddMonths(-1), Now.AddYears(5),
                RandomNumberGenerator.GetBytes(8));
    }

    public enum Usage
    {
        Client,
        Server,
        None,
    }

    public X509Certificate2 Certificate { get; }

    public string Pem => Certificate.ExportCertificatePem() + "\n";

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public X509Certificate2 Issue(
        string subject, Usage usage = Usage.Client, DateTimeOffset? from = null, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (usage != Usage.None)
        {
            var oid = usage == Usage.Client ? "1.3.6.1.5.5.7.3.2" : "1.3.6.1.5.5.7.3.1";
            request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(oid)], false));
        }

        if (usage == Usage.Server)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName("localhost");
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }

        using var certificate = request.Create(
            Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(_key), from ?? Now.AddHours(-1),
            until ?? Now.AddHours(12), RandomNumberGenerator.GetBytes(8));
        return certificate.CopyWithPrivateKey(key);
    }

    public void Dispose()
    {
        Certificate.Dispose();
        _key.Dispose();
    }
}
