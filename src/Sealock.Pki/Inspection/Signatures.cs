// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;

namespace Sealock.Pki.Inspection;

/// <summary>Who signed whom, for looking: an old algorithm that no verifier accepts still tells who made a signature.</summary>
public static class Signatures
{
    /// <summary>
    /// Why <paramref name="issuer"/> did not sign <paramref name="subject"/>, in plain words; null where it did. Names and
    /// signature only: validity and constraints are for the chain verifier.
    /// </summary>
    public static string? RefuseIssuer(Certificate subject, Certificate issuer) =>
        !subject.Issuer.Equals(issuer.Subject)
            ? $"its subject is {Shown(issuer.Subject)}, but the issuer's name is {Shown(subject.Issuer)}"
            : issuer.PublicKey.Verifier.Refuse(subject.SignatureAlgorithm, subject.TbsDer.Span, subject.Signature.Span);

    /// <summary>True where issuer and subject are the same name and the certificate's own key made the signature.</summary>
    public static bool IsSelfSigned(Certificate certificate) =>
        certificate.IsSelfIssued && RefuseIssuer(certificate, certificate) is null;

    private static string Shown(DistinguishedName name) => name.IsEmpty ? "empty" : name.ToString();
}
