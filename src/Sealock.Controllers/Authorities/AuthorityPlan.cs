// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using Sealock.Controllers.Issuance.Secrets;
using Sealock.Controllers.Views;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Rotation;

namespace Sealock.Controllers.Authorities;

/// <summary>What holds of an issuer's CA now: which one signs, what is sent after its leaves, whom their holders are to trust.</summary>
internal sealed class AuthorityPlan
{
    private readonly ImmutableArray<Print> _signer;

    /// <param name="phase">Where the rotation is.</param>
    /// <param name="roles">What everyone must hold in that phase.</param>
    /// <param name="signing">The CA that signs.</param>
    public AuthorityPlan(RotationPhase phase, AuthorityRoles roles, CertificateAuthority signing)
    {
        // A root is sent to nobody, not even an old one beside what it has certified.
        roles = roles with { Presented = SecretContent.WithoutRoot([roles.Signing[0], .. roles.Presented]).Skip(1).ToList() };
        (Phase, Roles, Signing) = (phase, roles, signing);
        _signer = AuthorityId.Of(roles.Signing[0]);
        PresentedPem = Certificate.ToPem(roles.Presented);
        TrustedPem = Certificate.ToPem(roles.Trusted);
        Trusted = Print.Of(Encoding.UTF8.GetBytes(TrustedPem));
        Presented = Print.OfSet(roles.Presented.Select(certificate => certificate.Sha256Hex));
    }

    public RotationPhase Phase { get; }

    public AuthorityRoles Roles { get; }

    public CertificateAuthority Signing { get; }

    /// <summary>What follows a leaf in <c>tls.crt</c>.</summary>
    public string PresentedPem { get; }

    /// <summary>What stands in <c>ca.crt</c>.</summary>
    public string TrustedPem { get; }

    /// <summary>The print of <see cref="TrustedPem"/>, as <see cref="SecretFacts.Authorities"/> has it.</summary>
    public Print Trusted { get; }

    /// <summary>The print of what follows a leaf, as <see cref="SecretFacts.Presented"/> has it.</summary>
    public Print Presented { get; }

    /// <summary>Whether a leaf says that it was issued by the CA that signs now.</summary>
    public bool HasSigned(Print issuer) => _signer.Contains(issuer);

    /// <summary>
    /// Whether a leaf is to be replaced by one of the CA that signs now. While the new CA is only made known, nothing is: whoever
    /// is shown it might not know it yet.
    /// </summary>
    public bool Replaces(LeafFacts leaf) => Phase != RotationPhase.Trust && !HasSigned(leaf.Authority);
}
