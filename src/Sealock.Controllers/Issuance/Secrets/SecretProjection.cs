// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Text;
using Sealock.Controllers.Authorities;
using Sealock.Controllers.Revocation;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Pem;

namespace Sealock.Controllers.Issuance.Secrets;

/// <summary>Takes from a Secret what decisions need, and nothing by which its contents could be known.</summary>
internal static class SecretProjection
{
    public static SecretFacts Of(SecretView whole)
    {
        var certificate = whole.Data.GetValueOrDefault(WellKnown.CertificateEntry) ?? [];
        var key = whole.Data.GetValueOrDefault(WellKnown.KeyEntry) ?? [];
        var (leaf, presented, certificateProblem) = Leaf(certificate);
        var (public_, isPkcs8, keyProblem) = Key(key);
        return new()
        {
            Metadata = LeanMetadataConverter.Lean(whole.Metadata, name => !SecretAnnotations.OnlyInform(name)),
            Type = string.IsInterned(whole.Type) ?? whole.Type,
            Entries = [.. whole.Data.Where(entry => entry.Value is { Length: > 0 }).Select(entry => string.IsInterned(entry.Key) ?? entry.Key)],
            Leaf = leaf,
            CertificateProblem = certificateProblem,
            Key = public_ is null ? default : Print.Of(public_.Der.Span),
            KeyKind = public_?.Kind ?? KeyKind.Unknown,
            KeyBits = public_?.Bits ?? 0,
            IsPkcs8 = isPkcs8,
            KeyProblem = keyProblem,
            CombinedFits = Fits(whole, WellKnown.CombinedEntry, () => SecretFormats.CombinedPem(key, certificate)),
            DerFits = Fits(whole, WellKnown.DerEntry, () => SecretFormats.KeyDer(key)),
            Authorities = whole.Data.GetValueOrDefault(WellKnown.CaEntry) is { Length: > 0 } authorities ? Print.Of(authorities) : default,
            Presented = presented,
        };
    }

    public static LeafFacts FactsOf(Certificate leaf) => new()
    {
        Certificate = Print.Of(leaf.Der.Span),
        Key = Print.Of(leaf.PublicKey.Der.Span),
        Authority = AuthorityId.OfIssuer(leaf),
        NotBefore = leaf.NotBefore,
        NotAfter = leaf.NotAfter,
        Mark = RevokedCertificates.MarkOf(leaf),
        Hosts = Print.OfSet([.. leaf.Names.DnsNames, .. leaf.Subject.CommonName is { Length: > 0 } name ? (string[])[name] : []]),
        IpAddresses = Print.OfSet(leaf.Names.IpAddresses.Select(address => address.ToString())),
        Uris = Print.OfSet(leaf.Names.Uris),
        EmailAddresses = Print.OfSet(leaf.Names.EmailAddresses),
    };

    private static (LeafFacts? Leaf, Print Presented, string Problem) Leaf(byte[] pem)
    {
        if (pem.Length == 0)
            return (null, default, "");
        try
        {
            var document = PemDocument.Parse(pem);
            var leaf = document.First(PemLabels.Certificate);
            var presented = document.AllOf(PemLabels.Certificate).Skip(1).Select(block => Convert.ToHexStringLower(SHA256.HashData(block.Content.Span)));
            return (FactsOf(Certificate.Parse(leaf.Content)), Print.OfSet(presented), "");
        }
        catch (PkiFormatException fault)
        {
            return (null, default, fault.Message);
        }
    }

    private static (PublicKeyInfo? Key, bool IsPkcs8, string Problem) Key(byte[] pem)
    {
        if (pem.Length == 0)
            return (null, false, "");
        try
        {
            var block = PemDocument.Parse(pem).First(PemLabels.PrivateKey, PemLabels.RsaPrivateKey, PemLabels.EcPrivateKey);
            var isPkcs8 = block.Label == PemLabels.PrivateKey;
            if (PublicHalf.Find(block) is { } half)
                return (half, isPkcs8, "");
            using var pair = KeyPair.FromPem(Encoding.UTF8.GetString(pem));
            return (pair.PublicKey, isPkcs8, "");
        }
        catch (PkiFormatException fault)
        {
            return (null, false, fault.Message);
        }
    }

    private static bool Fits(SecretView whole, string entry, Func<byte[]> expected)
    {
        if (whole.Data.GetValueOrDefault(entry) is not { Length: > 0 } present)
            return true;
        try
        {
            return present.AsSpan().SequenceEqual(expected());
        }
        catch (PkiFormatException)
        {
            return false;
        }
    }
}
