// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;

namespace Sealock.Pki.Inspection;

/// <summary>Words for object identifiers that certificates, requests, lists and keys carry.</summary>
public static class OidNames
{
    private static readonly FrozenDictionary<string, string> Words = new Dictionary<string, string>
    {
        // Extensions.
        ["2.5.29.9"] = "subject directory attributes",
        [Oids.SubjectKeyIdentifier] = "subject key identifier",
        [Oids.KeyUsage] = "key usage",
        [Oids.SubjectAltName] = "subject alternative names",
        ["2.5.29.18"] = "issuer alternative names",
        [Oids.BasicConstraints] = "basic constraints",
        [Oids.CrlNumber] = "CRL number",
        [Oids.DeltaCrlIndicator] = "delta CRL indicator",
        [Oids.IssuingDistributionPoint] = "issuing distribution point",
        [Oids.NameConstraints] = "name constraints",
        [Oids.CrlDistributionPoints] = "CRL distribution points",
        [Oids.CertificatePolicies] = "certificate policies",
        ["2.5.29.33"] = "policy mappings",
        [Oids.AuthorityKeyIdentifier] = "authority key identifier",
        ["2.5.29.36"] = "policy constraints",
        [Oids.ExtendedKeyUsage] = "extended key usage",
        ["2.5.29.46"] = "freshest CRL",
        ["2.5.29.54"] = "inhibit any-policy",
        [Oids.AuthorityInfoAccess] = "authority information access",
        ["1.3.6.1.5.5.7.1.3"] = "qualified certificate statements",
        ["1.3.6.1.5.5.7.1.11"] = "subject information access",
        ["1.3.6.1.5.5.7.1.24"] = "TLS features",
        ["1.3.6.1.5.5.7.1.31"] = "ACME identifier",
        ["1.3.6.1.5.5.7.48.1.5"] = "OCSP no-check",
        ["1.3.6.1.4.1.11129.2.4.2"] = "signed certificate timestamps",
        ["1.3.6.1.4.1.11129.2.4.3"] = "certificate transparency poison",
        ["1.3.6.1.4.1.37476.9000.64.1"] = "step provisioner",
        ["1.3.6.1.4.1.311.20.2"] = "Microsoft template name",
        ["1.3.6.1.4.1.311.21.1"] = "Microsoft CA version",
        ["1.3.6.1.4.1.311.21.7"] = "Microsoft template",
        ["1.3.6.1.4.1.311.21.10"] = "Microsoft application policies",
        ["2.16.840.1.113730.1.1"] = "Netscape certificate type",
        ["2.16.840.1.113730.1.13"] = "Netscape comment",

        // Policies.
        ["2.5.29.32.0"] = "any policy",
        ["2.23.140.1.2.1"] = "domain validated",
        ["2.23.140.1.2.2"] = "organization validated",
        ["2.23.140.1.2.3"] = "individual validated",
        ["2.23.140.1.1"] = "extended validation",

        // Attributes of requests.
        ["1.2.840.113549.1.9.2"] = "unstructured name",
        ["1.2.840.113549.1.9.7"] = "challenge password",
        [Oids.ExtensionRequest] = "extension request",
        ["1.3.6.1.4.1.311.2.1.14"] = "Microsoft extension request",

        // Keys and curves.
        [Oids.Rsa] = "RSA",
        [Oids.RsaPss] = "RSA-PSS",
        [Oids.EcPublicKey] = "EC",
        [Oids.Ed25519] = "Ed25519",
        [Oids.Ed448] = "Ed448",
        ["1.3.101.110"] = "X25519",
        ["1.3.101.111"] = "X448",
        [Oids.Dsa] = "DSA",
        ["1.2.840.113549.1.3.1"] = "Diffie-Hellman",
        ["2.16.840.1.101.3.4.3.17"] = "ML-DSA-44",
        ["2.16.840.1.101.3.4.3.18"] = "ML-DSA-65",
        ["2.16.840.1.101.3.4.3.19"] = "ML-DSA-87",
        [Oids.P224] = "P-224",
        [Oids.P256] = "P-256",
        [Oids.P384] = "P-384",
        [Oids.P521] = "P-521",
        ["1.2.840.10045.3.1.1"] = "P-192",
        ["1.3.132.0.10"] = "secp256k1",
        ["1.3.36.3.3.2.8.1.1.7"] = "brainpoolP256r1",
        ["1.3.36.3.3.2.8.1.1.11"] = "brainpoolP384r1",
        ["1.3.36.3.3.2.8.1.1.13"] = "brainpoolP512r1",

        // Signatures that are not verified here.
        ["1.2.840.113549.1.1.14"] = "SHA224-RSA",
        ["1.2.840.10045.4.3.1"] = "ECDSA-SHA224",
        ["1.2.840.10040.4.3"] = "DSA-SHA1",
        ["2.16.840.1.101.3.4.3.2"] = "DSA-SHA256",

        // Encryption of keys.
        ["1.2.840.113549.1.5.13"] = "PBES2",
        ["1.2.840.113549.1.12.1.3"] = "PBE with SHA-1 and 3DES",
        ["1.2.840.113549.1.12.1.6"] = "PBE with SHA-1 and RC2 of 40 bits",
    }.ToFrozenDictionary();

    /// <summary>The word for an object identifier; null where there is none here.</summary>
    public static string? Find(string oid) => Words.GetValueOrDefault(oid);

    /// <summary>The word for an object identifier, or itself.</summary>
    public static string NameOf(string oid) => Words.GetValueOrDefault(oid, oid);
}
