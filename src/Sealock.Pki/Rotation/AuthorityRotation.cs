// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Pki.Rotation;

/// <summary>The certificates of a CA's rotation: old, new, and the new one signed by the old.</summary>
public sealed record AuthorityRotation
{
    /// <summary>The roles before.</summary>
    public required AuthorityRoles Old { get; init; }

    /// <summary>The roles after.</summary>
    public required AuthorityRoles New { get; init; }

    /// <summary>
    /// The new anchor certified by the old CA, and what leads from there to an old anchor: sent until the old CA is
    /// withdrawn, so that who knows only that goes on. Empty where there is no need or the old CA has expired.
    /// </summary>
    public IReadOnlyList<Certificate> Cross { get; init; } = [];

    /// <summary>Why <see cref="Cross"/> is empty though the anchor changes, in plain words; null otherwise.</summary>
    public string? CrossRefusal { get; init; }

    /// <summary>What everyone must hold in a phase.</summary>
    public AuthorityRoles At(RotationPhase phase) => phase switch
    {
        RotationPhase.Trust => Old with { Trusted = [.. Old.Trusted.Union(New.Trusted)] },
        RotationPhase.Reissue => New with { Trusted = [.. New.Trusted.Union(Old.Trusted)], Presented = [.. New.Presented, .. Cross] },
        RotationPhase.Withdraw => New,
        _ => Old,
    };

    /// <summary>What no longer is trusted when the rotation is over.</summary>
    public IReadOnlyList<Certificate> Withdrawn => [.. Old.Trusted.Except(New.Trusted)];

    /// <summary>
    /// Makes the new root and has the old CA certify it. The new one takes the old one's name, as RFC 4210 (section 4.4)
    /// has it: whoever is shown the names of trusted CAs finds his own. Only where the old certificate has no key
    /// identifier to tell the two apart by, the name gets the date beside it.
    /// </summary>
    /// <param name="old">The roles before.</param>
    /// <param name="oldSigner">The key of <c>old.Signing[0]</c>.</param>
    /// <param name="newSigner">The new key.</param>
    /// <param name="lifetime">Of the new CA.</param>
    /// <param name="now">The time.</param>
    /// <param name="randomness">Fills serial numbers; null for the platform's generator.</param>
    public static AuthorityRotation ForRoot(
        AuthorityRoles old, ISigner oldSigner, ISigner newSigner, TimeSpan lifetime, DateTimeOffset now, Action<Span<byte>>? randomness = null)
    {
        var before = old.Signing[0];
        var root = CertificateAuthority.CreateRoot(
            new()
            {
                Subject = NewName(before, now),
                PublicKey = newSigner.PublicKey,
                Profile = CertificateProfile.Ca with { KeyUsage = before.KeyUsage, PathLength = before.PathLength },
                Names = before.Names,
                NameConstraints = before.NameConstraints,
                Lifetime = lifetime,
            },
            newSigner, now, randomness: randomness).Require();
        return Between(old, oldSigner, AuthorityRoles.Of([root]), now, randomness);
    }

    /// <summary>Joins an old CA with a new one of any shape; where the old key is at hand, it certifies the new anchor.</summary>
    public static AuthorityRotation Between(
        AuthorityRoles old, ISigner? oldSigner, AuthorityRoles @new, DateTimeOffset now, Action<Span<byte>>? randomness = null)
    {
        var rotation = new AuthorityRotation { Old = old, New = @new };
        if (old.Trusted.Contains(@new.Trusted[0]))
            return rotation;
        if (oldSigner is null)
            return rotation with { CrossRefusal = "the old CA's key is not at hand" };
        var answer = new CertificateAuthority(old.Signing, oldSigner, randomness: randomness).CrossSign(@new.Trusted[0], now);
        return answer.IsIssued
            ? rotation with { Cross = [answer.Certificate, .. old.Presented] }
            : rotation with { CrossRefusal = answer.Refusal };
    }

    private static DistinguishedName NewName(Certificate before, DateTimeOffset now) => before.SubjectKeyIdentifier.Length > 0
        ? before.Subject
        : DistinguishedName.Create($"{before.Subject.CommonName ?? "ca"} {now:yyyy-MM-dd}");
}
