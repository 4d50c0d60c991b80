// SPDX-License-Identifier: Apache-2.0
using Sealock.Controllers.Issuance.Requests;
using Sealock.Pki;
using Sealock.Pki.Issuing;

namespace Sealock.Controllers.Issuance.Issuers;

/// <summary>What a CertificateRequest asks of a CA in this process.</summary>
internal static class IssuanceRequests
{
    /// <exception cref="PkiFormatException">It asks for a usage that is not known.</exception>
    public static IssuanceRequest Of(SigningTask task)
    {
        var spec = task.Request.Spec;
        return new()
        {
            Subject = task.Csr.Subject,
            PublicKey = task.Csr.PublicKey,
            Names = task.Csr.Names,
            Profile = CertificateProfile.Custom(RequestedContents.UsagesOf(spec.Usages, spec.IsCa), spec.IsCa),
            NameConstraints = spec.IsCa ? task.Csr.NameConstraints : null,
            Lifetime = task.Lifetime,
            Validity = ValidityRules.WithinLifetime,
        };
    }
}
