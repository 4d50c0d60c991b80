// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Keys;

namespace Sealock.Pki.Rotation;

/// <summary>The rotation of a key that signs tokens: the same phases, without certificates.</summary>
/// <param name="Old">The public key before.</param>
/// <param name="New">The public key after.</param>
public sealed record KeyRotation(PublicKeyInfo Old, PublicKeyInfo New)
{
    /// <summary>The public key that tokens are signed for in a phase.</summary>
    public PublicKeyInfo SigningAt(RotationPhase phase) => PhaseRules.NewSigns(phase) ? New : Old;

    /// <summary>The public keys that tokens are verified with in a phase, the signing one first.</summary>
    public IReadOnlyList<PublicKeyInfo> VerifyingAt(RotationPhase phase)
    {
        var signing = SigningAt(phase);
        var other = ReferenceEquals(signing, New) ? Old : New;
        return PhaseRules.TrustsOld(phase) && PhaseRules.TrustsNew(phase) ? [signing, other] : [signing];
    }
}
