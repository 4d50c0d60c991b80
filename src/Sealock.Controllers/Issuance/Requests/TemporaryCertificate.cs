// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Controllers.Issuance.Requests;

/// <summary>A certificate signed by its own key, so that servers can start before the issuer has signed.</summary>
internal static class TemporaryCertificate
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(90);

    /// <summary>The certificate; null where the specification cannot be certified.</summary>
    public static Certificate? Make(CertificateSpecView spec, KeyPair key, DateTimeOffset now)
    {
        try
        {
            var contents = RequestedContents.Of(spec);
            return CertificateAuthority.SelfSign(new IssuanceRequest
            {
                Subject = SelfSignedSubject.For(contents.Subject, contents.Names),
                PublicKey = key.PublicKey,
                Names = contents.Names,
                Profile = CertificateProfile.Custom(contents.Usages, spec.IsCa),
                NameConstraints = spec.IsCa ? contents.Constraints : null,
                Lifetime = Lifetime,
            }, key, now).Certificate;
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }
}

/// <summary>Who signs for himself needs a name: RFC 5280 wants an issuer, and the issuer is the subject.</summary>
internal static class SelfSignedSubject
{
    private const int LongestCommonName = 64;

    /// <summary>The subject asked for; where none was, the first alternative name as common name.</summary>
    public static DistinguishedName For(DistinguishedName subject, SubjectAlternativeNames names) =>
        subject.IsEmpty && names is [var first, ..]
            ? DistinguishedName.Create(names.FirstOrDefault(name => name.Text.Length <= LongestCommonName)?.Text ?? first.Text[..LongestCommonName])
            : subject;
}
