// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Sealock.Bench.Targets;

/// <summary>A CA for servers that bring none along. All keys are P-256, as Sealock's are.</summary>
internal sealed class Authority
{
    private static readonly Oid ServerAuth = new("1.3.6.1.5.5.7.3.1");
    private static readonly Oid ClientAuth = new("1.3.6.1.5.5.7.3.2");
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly X509Certificate2 _certificate;

    public Authority(string name)
    {
        var request = new CertificateRequest($"CN={name}", _key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        _certificate = request.CreateSelfSigned(DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddYears(1));
    }

    /// <summary>Writes the CA's certificate and key.</summary>
    public void Write(string folder, string name) => Write(folder, name, _certificate, _key);

    /// <summary>Makes a certificate for this machine and writes it with its key.</summary>
    public void Issue(string folder, string name, string commonName, params IEnumerable<string> more)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        names.AddDnsName("localhost");
        foreach (var other in more)
        {
            if (IPAddress.TryParse(other, out var address))
                names.AddIpAddress(address);
            else
                names.AddDnsName(other);
        }

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = Issue($"CN={commonName}", key, ServerAuth, names.Build());
        Write(folder, name, certificate, key);
    }

    /// <summary>A client certificate, with its key.</summary>
    public X509Certificate2 IssueToUser(string user, string group)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var bare = Issue($"O={group}, CN={user}", key, ClientAuth, null);
        return bare.CopyWithPrivateKey(key);
    }

    private X509Certificate2 Issue(string subject, ECDsa key, Oid usage, X509Extension? names)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([usage], false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_certificate, true, false));
        if (names is not null)
            request.CertificateExtensions.Add(names);
        return request.Create(_certificate, DateTimeOffset.Now.AddHours(-1), DateTimeOffset.Now.AddDays(30), RandomNumberGenerator.GetBytes(15));
    }

    private static void Write(string folder, string name, X509Certificate2 certificate, ECDsa key)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, name + ".crt"), certificate.ExportCertificatePem() + "\n");
        File.WriteAllText(Path.Combine(folder, name + ".key"), key.ExportECPrivateKeyPem() + "\n");
    }
}
