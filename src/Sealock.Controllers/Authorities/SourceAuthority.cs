// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Controllers.Issuance;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;
using Sealock.Pki;
using Sealock.Pki.Issuing;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>The CA as it stands in an issuer's Secret, with its key as text.</summary>
internal sealed record SourceAuthority(AuthorityRoles Roles, CertificateAuthority Authority, byte[] KeyPem)
{
    /// <summary>The CA in a Secret; null where there is none that can be used.</summary>
    public static SourceAuthority? In(SecretView? secret)
    {
        if (secret is null || secret.Metadata.Annotations.ContainsKey(WellKnown.Temporary)
            || secret.Data.GetValueOrDefault(WellKnown.CertificateEntry) is not { Length: > 0 } chain
            || secret.Data.GetValueOrDefault(WellKnown.KeyEntry) is not { Length: > 0 } key)
            return null;
        try
        {
            var authority = CertificateAuthority.FromPem(Encoding.UTF8.GetString(chain), Encoding.UTF8.GetString(key));
            var trusted = SecretContent.ReadOrNone(secret.Data.GetValueOrDefault(WellKnown.CaEntry));
            return new(AuthorityRecord.RolesOf(authority.Chain, trusted), authority, key);
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    /// <summary>How this CA compares with what is recorded.</summary>
    public RotationSource ComparedWith(AuthorityRecord record) =>
        record.New is { } @new && IsSame(@new) ? RotationSource.New
        : record.Old is { } old && IsSame(old) ? RotationSource.Old
        : RotationSource.Other;

    /// <summary>Whether whom to trust, or what leads there, is other than it is recorded, though the CA is the same.</summary>
    public bool DiffersFrom(AuthorityRoles recorded) =>
        !recorded.Trusted.SequenceEqual(Roles.Trusted) || !recorded.Signing.SequenceEqual(Roles.Signing);

    private bool IsSame(AuthorityRoles recorded) => recorded.Signing[0].Equals(Roles.Signing[0]);
}
