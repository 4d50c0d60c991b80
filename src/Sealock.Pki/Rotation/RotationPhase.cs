// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Rotation;

/// <summary>How far the rotation of a signing key is. Forwards in this order; an undo goes one step back.</summary>
public enum RotationPhase
{
    /// <summary>Before: the old one alone is trusted and signs.</summary>
    Stable,

    /// <summary>Old and new are trusted everywhere; the old one signs.</summary>
    Trust,

    /// <summary>Old and new are trusted everywhere; the new one signs, and its leaves carry the cross-signed CA.</summary>
    Reissue,

    /// <summary>The new one alone is trusted and signs.</summary>
    Withdraw,

    /// <summary>After an undo of <see cref="Trust"/>: the old one alone again.</summary>
    Return,
}
