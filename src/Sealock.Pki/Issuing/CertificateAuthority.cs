// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;
using Sealock.Pki.Revocation;

namespace Sealock.Pki.Issuing;

/// <summary>
/// A CA: its certificate, the chain above it, and the signer of its key. Issues only what its own certificate and
/// every certificate above it allow, and what the lints pass. Holds no state; may be used concurrently.
/// </summary>
public sealed class CertificateAuthority
{
    private static readonly byte[] NoSignature = [0];

    private readonly ISigner signer;
    private readonly ValidityRules validity;
    private readonly Action<Span<byte>>? randomness;

    /// <summary>Joins a CA's certificate with its key.</summary>
    /// <param name="chain">The CA's certificate first, then its issuers as far as known.</param>
    /// <param name="signer">The CA's key.</param>
    /// <param name="validity">Backdating rules; null for the defaults.</param>
    /// <param name="randomness">Fills serial numbers; null for the platform's generator.</param>
    /// <exception cref="PkiFormatException">The key is not the certificate's, or the certificate may not issue.</exception>
    public CertificateAuthority(
        IReadOnlyList<Certificate> chain,
        ISigner signer,
        ValidityRules? validity = null,
        Action<Span<byte>>? randomness = null)
    {
        if (chain.Count == 0)
            throw new PkiFormatException("expected at least the CA's own certificate");
        if (!chain[0].Matches(signer))
            throw new PkiFormatException("the key does not belong to the CA certificate");
        if (IssuingRules.RefuseIssuer(chain[0]) is { } reason)
            throw new PkiFormatException($"{chain[0].Subject} cannot issue certificates: {reason}");
        Chain = chain;
        this.signer = signer;
        this.validity = validity ?? new();
        this.randomness = randomness;
    }

    /// <summary>The CA's own certificate.</summary>
    public Certificate Certificate => Chain[0];

    /// <summary>The CA's certificate and those above it.</summary>
    public IReadOnlyList<Certificate> Chain { get; }

    /// <summary>
    /// Reads a CA from PEM: one or more certificates (the CA's own first) and its private key. The key stays alive as
    /// long as the CA.
    /// </summary>
    /// <exception cref="PkiFormatException">A text is malformed, or key and certificate do not fit.</exception>
    public static CertificateAuthority FromPem(
        string certificatePem, string keyPem, string? passphrase = null, ValidityRules? validity = null)
    {
        var chain = Certificate.ListFromPem(certificatePem);
        var key = KeyPair.FromPem(keyPem, passphrase);
        try
        {
            return new(chain, key, validity);
        }
        catch
        {
            key.Dispose();
            throw;
        }
    }

    /// <summary>
    /// A new self-signed root over <paramref name="signer"/>'s key. The request's public key is replaced by it.
    /// </summary>
    public static IssuanceResult CreateRoot(
        IssuanceRequest request, ISigner signer, DateTimeOffset now, ValidityRules? validity = null,
        Action<Span<byte>>? randomness = null) =>
        SelfSign(request with { Profile = request.Profile with { IsCa = true } }, signer, now, validity, randomness);

    /// <summary>A root of the usual kind: a common name, ten years.</summary>
    public static CertificateAuthority CreateRoot(
        string commonName, ISigner signer, DateTimeOffset now, TimeSpan? lifetime = null)
    {
        var request = new IssuanceRequest
        {
            Subject = DistinguishedName.Create(commonName),
            PublicKey = signer.PublicKey,
            Profile = CertificateProfile.Ca,
            Lifetime = lifetime,
        };
        return new([CreateRoot(request, signer, now).Require()], signer);
    }

    /// <summary>A certificate signed with its own key (<c>SelfSigned</c> issuers, roots).</summary>
    public static IssuanceResult SelfSign(
        IssuanceRequest request, ISigner signer, DateTimeOffset now, ValidityRules? validity = null,
        Action<Span<byte>>? randomness = null)
    {
        var own = request with { PublicKey = signer.PublicKey };
        var keyIdentifier = own.SubjectKeyIdentifier.Length > 0
            ? own.SubjectKeyIdentifier
            : own.PublicKey.ComputeKeyIdentifier();
        var (notBefore, notAfter) = (own.Validity ?? validity ?? new()).Apply(
            now, own.Lifetime ?? own.Profile.DefaultLifetime, DateTimeOffset.MinValue, DateTimeOffset.MaxValue);
        return IssuingRules.RefuseRequest(own) is { } reason
            ? IssuanceResult.Refused(reason)
            : Sign(new(own, own.Subject, keyIdentifier, SerialNumber.Random(randomness), signer.SignatureAlgorithm,
                notBefore, notAfter), signer, []);
    }

    /// <summary>Issues a certificate at <paramref name="now"/>, or says why not. Never throws for what a request says.</summary>
    public IssuanceResult Issue(IssuanceRequest request, DateTimeOffset now)
    {
        if (now >= Certificate.NotAfter)
            return IssuanceResult.Refused($"the CA certificate has expired at {Certificate.NotAfter:u}");
        if (now < Certificate.NotBefore)
            return IssuanceResult.Refused($"the CA certificate is not valid before {Certificate.NotBefore:u}");
        if (IssuingRules.RefuseRequest(request) is { } reason)
            return IssuanceResult.Refused(reason);

        var (notBefore, notAfter) = (request.Validity ?? validity).Apply(
            now, request.Lifetime ?? request.Profile.DefaultLifetime, Certificate.NotBefore, Certificate.NotAfter);
        return Sign(new(request, Certificate.Subject, Certificate.SubjectKeyIdentifier, SerialNumber.Random(randomness),
            signer.SignatureAlgorithm, notBefore, notAfter), signer, Chain);
    }

    /// <summary>
    /// Certifies another CA's name and key under this one, so that whoever trusts only this CA accepts what the other
    /// issued. Constraints of the other are kept.
    /// </summary>
    public IssuanceResult CrossSign(Certificate other, DateTimeOffset now, TimeSpan? lifetime = null)
    {
        if (IssuingRules.RefuseIssuer(other) is { } reason)
            return IssuanceResult.Refused($"{other.Subject} cannot be cross-signed: {reason}");
        return Issue(new()
        {
            Subject = other.Subject,
            PublicKey = other.PublicKey,
            Profile = CertificateProfile.Ca with
            {
                KeyPurposes = other.KeyPurposes,
                KeyUsage = other.KeyUsage,
                PathLength = other.PathLength,
            },
            Names = other.Names,
            NameConstraints = other.NameConstraints,
            SubjectKeyIdentifier = other.SubjectKeyIdentifier,
            Lifetime = lifetime ?? other.NotAfter - now,
        }, now);
    }

    /// <summary>Issues a complete revocation list.</summary>
    /// <exception cref="InvalidOperationException">The CA's certificate lacks the key usage crl sign.</exception>
    public CertificateRevocationList IssueCrl(CrlRequest request)
    {
        if (Certificate.KeyUsage is { } usage && !usage.HasFlag(X509KeyUsageFlags.CrlSign))
            throw new InvalidOperationException($"{Certificate.Subject} lacks the key usage crl sign");
        return CertificateRevocationList.Parse(CrlWriter.Write(request, Certificate, signer));
    }

    private static IssuanceResult Sign(
        CertificateWriter.Content content, ISigner signer, IReadOnlyList<Certificate> issuers)
    {
        try
        {
            var tbs = CertificateWriter.WriteTbs(content);
            var draft = Certificate.Parse(CertificateWriter.Join(tbs, content.SignatureAlgorithm, NoSignature));
            if (IssuingRules.RefuseUnder(draft, issuers) is { } reason)
                return IssuanceResult.Refused(reason);
            var findings = Lint.Run(draft);
            if (findings.FirstOrDefault(f => f.Severity == LintSeverity.Error) is { } error)
                return IssuanceResult.Refused(error.Message, findings);
            var der = CertificateWriter.Join(tbs, content.SignatureAlgorithm, signer.Sign(tbs));
            return new() { Certificate = Certificate.Parse(der), Findings = findings };
        }
        catch (PkiFormatException e)
        {
            return IssuanceResult.Refused(e.Message);
        }
    }
}
