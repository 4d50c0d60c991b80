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

    /// <summary>True where an intermediate CA is replaced under its root: what the old one has signed is accepted to its end.</summary>
    public bool KeepsRoot => Old.Signing[^1].Equals(New.Signing[^1]);

    /// <summary>What no longer is trusted when the rotation is over.</summary>
    public IReadOnlyList<Certificate> Withdrawn => [.. Old.Trusted.Except(New.Trusted)];

    /// <summary>
    /// Makes a new root and has the old CA certify it. The new one takes the old one's name, as RFC 4210 (section 4.4)
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
        var root = CertificateAuthority.CreateRoot(Like(old.Signing[0], newSigner, lifetime, now), newSigner, now, randomness: randomness).Require();
        return Between(old, new(old.Signing, oldSigner, randomness: randomness), AuthorityRoles.Of([root]), now);
    }

    /// <summary>Makes a new intermediate CA under the same root. What the old one has signed stays valid to its end.</summary>
    /// <param name="old">The roles before.</param>
    /// <param name="root">The root with its key.</param>
    /// <param name="newSigner">The new key.</param>
    /// <param name="lifetime">Of the new CA; not beyond the root's end.</param>
    /// <param name="now">The time.</param>
    /// <returns>The rotation, or why the root refuses.</returns>
    public static (AuthorityRotation? Rotation, string? Refusal) ForIntermediate(
        AuthorityRoles old, CertificateAuthority root, ISigner newSigner, TimeSpan lifetime, DateTimeOffset now)
    {
        var answer = root.Issue(Like(old.Signing[0], newSigner, lifetime, now), now);
        return answer.IsIssued ? (Between(old, null, AuthorityRoles.Of([answer.Certificate, .. root.Chain]), now), null) : (null, answer.Refusal);
    }

    /// <summary>Makes a new root, certified by the old one, and a new intermediate CA under it.</summary>
    /// <param name="old">The roles before.</param>
    /// <param name="oldRoot">The old root with its key.</param>
    /// <param name="newRootSigner">The new root's key.</param>
    /// <param name="newSigner">The new intermediate's key.</param>
    /// <param name="lifetime">Of both.</param>
    /// <param name="now">The time.</param>
    public static (AuthorityRotation? Rotation, string? Refusal) ForRootAndIntermediate(
        AuthorityRoles old, CertificateAuthority oldRoot, ISigner newRootSigner, ISigner newSigner, TimeSpan lifetime, DateTimeOffset now)
    {
        var root = CertificateAuthority.CreateRoot(Like(oldRoot.Certificate, newRootSigner, lifetime, now), newRootSigner, now).Require();
        var answer = new CertificateAuthority([root], newRootSigner).Issue(Like(old.Signing[0], newSigner, lifetime, now), now);
        return answer.IsIssued ? (Between(old, oldRoot, AuthorityRoles.Of([answer.Certificate, root]), now), null) : (null, answer.Refusal);
    }

    /// <summary>Joins an old CA with a new one of any shape.</summary>
    /// <param name="old">The roles before.</param>
    /// <param name="certifier">A CA that the old bundles lead to; it certifies the new anchor. Null where its key is not at hand.</param>
    /// <param name="new">The roles after.</param>
    /// <param name="now">The time.</param>
    public static AuthorityRotation Between(AuthorityRoles old, CertificateAuthority? certifier, AuthorityRoles @new, DateTimeOffset now)
    {
        var rotation = new AuthorityRotation { Old = old, New = @new };
        if (rotation.KeepsRoot)
            return rotation;
        if (certifier is null)
            return rotation with { CrossRefusal = "the old CA's key is not at hand" };
        var answer = certifier.CrossSign(@new.Signing[^1], now);
        return answer.IsIssued
            ? rotation with { Cross = [answer.Certificate, .. certifier.Chain.Where(certificate => !old.Trusted.Contains(certificate))] }
            : rotation with { CrossRefusal = answer.Refusal };
    }

    private static IssuanceRequest Like(Certificate before, ISigner signer, TimeSpan lifetime, DateTimeOffset now) => new()
    {
        Subject = NewName(before, now),
        PublicKey = signer.PublicKey,
        Profile = CertificateProfile.Ca with { KeyUsage = before.KeyUsage, PathLength = before.PathLength },
        Names = before.Names,
        NameConstraints = before.NameConstraints,
        Lifetime = lifetime,
    };

    private static DistinguishedName NewName(Certificate before, DateTimeOffset now) => before.SubjectKeyIdentifier.Length > 0
        ? before.Subject
        : DistinguishedName.Create($"{before.Subject.CommonName ?? "ca"} {now:yyyy-MM-dd}");
}
