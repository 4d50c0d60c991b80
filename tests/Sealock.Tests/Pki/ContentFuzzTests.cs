// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Inspection;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Pki;

/// <summary>Mutated containers, keys and certificates to the reader of unknown bytes; see <see cref="FuzzRun"/>.</summary>
public sealed class ContentFuzzTests(ITestOutputHelper output)
{
    [Fact]
    public void Contents_end_in_facts_or_a_format_exception()
    {
        using var openssl = new OpenSsl();
        openssl.Write("ext.cnf", """
            [req]
            distinguished_name=dn
            [dn]
            [ext]
            certificatePolicies=1.2.3,@cps
            subjectAltName=DNS:a.example.com,IP:10.0.0.1,dirName:dn2
            authorityKeyIdentifier=keyid,issuer:always
            nsComment="text"
            [dn2]
            CN=inside
            [cps]
            policyIdentifier=1.2.3
            CPS.1=http://example.com/cps
            """);
        foreach (var command in new[]
        {
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out k.pem",
            "genpkey -algorithm ED25519 -out ed.pem",
            "genpkey -algorithm EC -pkeyopt ec_paramgen_curve:secp256k1 -out odd.pem",
            "req -x509 -key k.pem -subj /CN=one -days 9 -config ext.cnf -extensions ext -out c.pem",
            "x509 -in c.pem -outform DER -out c.der",
            "req -x509 -key odd.pem -subj /CN=two -days 9 -outform DER -out odd.der",
            "req -new -key odd.pem -subj /CN=three -outform DER -out r.der",
            "pkey -in ed.pem -outform DER -out ed.der",
            "pkcs8 -topk8 -in k.pem -passout pass:secret -iter 10 -outform DER -out locked.der",
            "crl2pkcs7 -nocrl -certfile c.pem -outform DER -out c.p7b",
            "crl2pkcs7 -nocrl -certfile c.pem -out p7.pem",
            "pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -iter 10 -maciter -name mine -out c.p12",
            "pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -iter 10 -nomac -out nomac.p12",
            "pkcs12 -export -in c.pem -inkey k.pem -passout pass:secret -iter 10 -nomac -legacy -out old.p12",
        })
        {
            openssl.Run(command);
        }

        var limits = new ContentLimits { MaxDerivationRounds = 3000 };
        FuzzRun.Bytes<PkiFormatException>(
            output, "inspected contents",
            [.. Directory.EnumerateFiles(openssl.Folder).Where(file => !file.EndsWith(".cnf", StringComparison.Ordinal)).Order().Select(File.ReadAllBytes)],
            bytes =>
            {
                var found = ContentReader.Read(bytes, "secret", limits);
                foreach (var content in found.Contents)
                {
                    _ = content switch
                    {
                        CertificateContent certificate => CertificateFacts.Of(certificate.Certificate).ToString(),
                        PublicKeyContent key => KeyFacts.Of(key.Key).ToString(),
                        PrivateKeyContent { Key: { } key } => KeyFacts.Of(key).ToString(),
                        _ => content.ToString(),
                    };
                }

                return found.Contents.All(content => content is not UnreadableContent);
            });
    }
}
