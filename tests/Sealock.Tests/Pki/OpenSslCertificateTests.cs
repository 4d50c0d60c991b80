// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Paths;
using Sealock.Pki.Revocation;
using Sealock.Tests.Support;

namespace Sealock.Tests.Pki;

/// <summary>Certificates and CRLs, with the real openssl as the other side.</summary>
public sealed class OpenSslCertificateTests : IDisposable
{
    // openssl verifies at its own clock's time, so these certificates begin now.
    private static readonly DateTimeOffset Now = TimeProvider.System.GetUtcNow();

    private readonly OpenSsl openssl = new();

    public void Dispose() => openssl.Dispose();

    [Theory]
    [InlineData(KeyAlgorithm.EcdsaP256)]
    [InlineData(KeyAlgorithm.EcdsaP384)]
    [InlineData(KeyAlgorithm.EcdsaP521)]
    [InlineData(KeyAlgorithm.Rsa2048)]
    public void Openssl_verifies_and_prints_what_we_issue(KeyAlgorithm algorithm)
    {
        using var rootKey = KeyPair.Generate(algorithm);
        using var middleKey = KeyPair.Generate();
        using var leafKey = KeyPair.Generate(algorithm);
        var root = CertificateAuthority.CreateRoot("root", rootKey, Now);
        var middle = new CertificateAuthority([root.Issue(new()
        {
            Subject = DistinguishedName.Create("middle"),
            PublicKey = middleKey.PublicKey,
            Profile = CertificateProfile.Ca with { PathLength = 0 },
            NameConstraints = new()
            {
                Permitted = [NameConstraints.DnsSubtree("example.com"), NameConstraints.IpSubtree("10.0.0.0/8"), NameConstraints.IpSubtree("fd00::/8")],
                Excluded = [NameConstraints.DnsSubtree("secret.example.org")],
            },
        }, Now).Require(), root.Certificate], middleKey);
        var leaf = middle.Issue(new()
        {
            Subject = DistinguishedName.Create("jané", "dev, ops"),
            PublicKey = leafKey.PublicKey,
            Profile = CertificateProfile.Peer,
            Names = new([
                GeneralName.Dns("*.example.com"), GeneralName.Ip(IPAddress.Parse("10.0.0.1")), GeneralName.Ip(IPAddress.Parse("fd00::1")),
                GeneralName.Email("a@example.com"), GeneralName.Uri("https://example.com/x"),
                GeneralName.OtherName("1.3.6.1.4.1.311.20.2.3", "jane@example.com"),
                GeneralName.Directory(DistinguishedName.Create("dir"))]),
            CrlUrls = ["http://example.com/crl"],
            OcspUrls = ["http://example.com/ocsp"],
            IssuerUrls = ["http://example.com/ca"],
        }, Now).Require();

        openssl.Write("root.pem", root.Certificate.ToPem());
        openssl.Write("middle.pem", middle.Certificate.ToPem());
        openssl.Write("leaf.pem", leaf.ToPem());
        Assert.Contains("leaf.pem: OK",
            openssl.Run("verify -x509_strict -purpose sslserver -verify_hostname a.example.com -CAfile root.pem -untrusted middle.pem leaf.pem"),
            StringComparison.Ordinal);

        var text = openssl.Run("x509 -in leaf.pem -noout -text -nameopt RFC2253,utf8,-esc_msb");
        foreach (var expected in new[]
        {
            "Subject: CN=jané,O=dev\\, ops", "Issuer: CN=middle", "DNS:*.example.com", "IP Address:10.0.0.1", "IP Address:FD00:0:0:0:0:0:0:1",
            "email:a@example.com", "URI:https://example.com/x", "DirName:", "UPN::jane@example.com",
            "TLS Web Server Authentication, TLS Web Client Authentication", "CA:FALSE", "URI:http://example.com/crl",
            "OCSP - URI:http://example.com/ocsp", "CA Issuers - URI:http://example.com/ca",
        })
        {
            Assert.Contains(expected, text, StringComparison.Ordinal);
        }
        Assert.Equal(leaf.Sha256Hex, openssl.Run("x509 -in leaf.pem -noout -fingerprint -sha256").Trim().Split('=')[1]
            .Replace(":", "", StringComparison.Ordinal).ToLowerInvariant());
        Assert.Equal($"serial={leaf.SerialNumber}", openssl.Run("x509 -in leaf.pem -noout -serial").Trim());
    }

    [Fact]
    public void Version_1_certificates_of_stock_openssl_commands_are_accepted_with_a_warning()
    {
        openssl.Run("genrsa -out ca.key 2048");
        openssl.Run("req -new -key ca.key -subj /CN=KUBERNETES-CA -out ca.csr");
        openssl.Run("x509 -req -in ca.csr -signkey ca.key -out ca.crt");
        openssl.Run("genrsa -out admin.key 2048");
        openssl.Run("req -new -key admin.key -subj /CN=kube-admin/O=system:masters -out admin.csr");
        openssl.Run("x509 -req -in admin.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out admin.crt");

        var leaf = Certificate.FromPem(openssl.Read("admin.crt"));
        Assert.Equal(1, leaf.Version);
        Assert.Equal(["system:masters"], leaf.Subject.Organizations);
        var verdict = ChainVerifier.Verify(leaf, [], TrustPool.FromPem(openssl.Read("ca.crt")),
            new() { At = leaf.NotBefore.AddMinutes(1), Purposes = [KeyPurposes.ClientAuth] });
        Assert.True(verdict.IsTrusted, verdict.Reason);
        Assert.Equal(2, verdict.Warnings.Count);

        var authority = CertificateAuthority.FromPem(openssl.Read("ca.crt"), openssl.Read("ca.key"));
        using var key = KeyPair.Generate();
        var issued = authority.Issue(new()
        {
            Subject = DistinguishedName.Create("jane"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Client,
        }, leaf.NotBefore.AddMinutes(1)).Require();
        openssl.Write("jane.crt", issued.ToPem());
        Assert.Contains("OK", openssl.Run("verify -CAfile ca.crt jane.crt"), StringComparison.Ordinal);
    }

    [Fact]
    public void We_read_what_openssl_writes_into_extensions()
    {
        openssl.Write("ext.cnf", """
            [req]
            distinguished_name=dn
            [dn]
            [ext]
            basicConstraints=critical,CA:TRUE,pathlen:3
            keyUsage=critical,keyCertSign,cRLSign,decipherOnly,keyAgreement
            extendedKeyUsage=serverAuth,clientAuth,1.2.3.4
            subjectAltName=DNS:a.example.com,IP:::1,email:x@example.com,URI:spiffe://a/b,RID:1.2.3,otherName:1.2.3.4;UTF8:hello,dirName:dir
            nameConstraints=permitted;DNS:.example.com,permitted;IP:10.0.0.0/255.0.0.0,excluded;email:bad.example.com
            crlDistributionPoints=URI:http://a/crl,URI:http://b/crl
            authorityInfoAccess=OCSP;URI:http://a/ocsp,caIssuers;URI:http://a/ca
            [dir]
            CN=inside
            """);
        openssl.Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 30 -config ext.cnf -extensions ext "
            + "-multivalue-rdn -subj /C=AT/O=one/O=two/OU=u+CN=multi/emailAddress=a@b.c");
        var certificate = Certificate.FromPem(openssl.Read("c.pem"));

        Assert.Equal("emailAddress=a@b.c,OU=u+CN=multi,O=two,O=one,C=AT", certificate.Subject.ToString());
        Assert.Equal("multi", certificate.Subject.CommonName);
        Assert.True(certificate.IsCa);
        Assert.Equal(3, certificate.PathLength);
        Assert.Equal(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign | X509KeyUsageFlags.DecipherOnly | X509KeyUsageFlags.KeyAgreement,
            certificate.KeyUsage);
        Assert.Equal([KeyPurposes.ServerAuth, KeyPurposes.ClientAuth, "1.2.3.4"], certificate.KeyPurposes);
        Assert.Equal(
            "DNS:a.example.com, IP:::1, email:x@example.com, URI:spiffe://a/b, RID:1.2.3, otherName:1.2.3.4;hello, dirName:CN=inside",
            certificate.Names.ToString());
        Assert.Equal(["DNS:.example.com", "IP:10.0.0.0/8"], certificate.NameConstraints!.Permitted.Select(n => n.ToString()));
        Assert.Equal(["email:bad.example.com"], certificate.NameConstraints.Excluded.Select(n => n.ToString()));
        Assert.Equal(["http://a/crl", "http://b/crl"], certificate.CrlUrls);
        Assert.Equal(["http://a/ocsp"], certificate.OcspUrls);
        Assert.Equal(["http://a/ca"], certificate.IssuerUrls);
        Assert.Null(certificate.RefuseSignature(certificate.PublicKey));
        Assert.Empty(certificate.Warnings);
    }

    [Fact]
    public void Openssl_accepts_our_revocation_lists_and_we_read_its_own()
    {
        using var key = KeyPair.Generate();
        var root = CertificateAuthority.CreateRoot("root", key, Now);
        Certificate Leaf(string name) => root.Issue(new()
        {
            Subject = DistinguishedName.Create(name),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Client,
        }, Now).Require();
        var (good, bad) = (Leaf("good"), Leaf("bad"));
        var list = root.IssueCrl(new()
        {
            Number = 7,
            ThisUpdate = Now.AddMinutes(-1),
            NextUpdate = Now.AddDays(1),
            Revoked = [new(bad.SerialNumber, Now, RevocationReason.KeyCompromise)],
        });
        Assert.Null(list.Refuse(root.Certificate));
        Assert.Equal(7, list.Number);
        Assert.Equal(RevocationReason.KeyCompromise, list.Find(bad.SerialNumber)?.Reason);
        Assert.Null(list.Find(good.SerialNumber));
        Assert.True(list.IsStaleAt(Now.AddDays(2)));

        openssl.Write("root.pem", root.Certificate.ToPem());
        openssl.Write("list.pem", list.ToPem());
        openssl.Write("good.pem", good.ToPem());
        openssl.Write("bad.pem", bad.ToPem());
        Assert.Contains("verify OK", openssl.Run("crl -in list.pem -CAfile root.pem -noout -text"), StringComparison.Ordinal);
        Assert.Contains("OK", openssl.Run("verify -crl_check -CAfile root.pem -CRLfile list.pem good.pem"), StringComparison.Ordinal);
        Assert.Contains("revoked", openssl.TryRun("verify -crl_check -CAfile root.pem -CRLfile list.pem bad.pem").Output, StringComparison.Ordinal);

        openssl.Write("root.key", key.ToPkcs8Pem());
        openssl.Write("index.txt", "");
        openssl.Write("number", "0A\n");
        openssl.Write("ca.cnf", "[ca]\ndefault_ca=x\n[x]\ndatabase=index.txt\ncrlnumber=number\ndefault_md=sha256\ncrl_extensions=e\n[e]\nauthorityKeyIdentifier=keyid\n");
        openssl.Run("ca -config ca.cnf -cert root.pem -keyfile root.key -revoke bad.pem -crl_reason superseded");
        openssl.Run("ca -config ca.cnf -cert root.pem -keyfile root.key -gencrl -crldays 5 -out theirs.pem");
        var theirs = CertificateRevocationList.FromPem(openssl.Read("theirs.pem"));
        Assert.Null(theirs.Refuse(root.Certificate));
        Assert.Equal(RevocationReason.Superseded, theirs.Find(bad.SerialNumber)?.Reason);
        Assert.Equal(10, theirs.Number);
    }
}
