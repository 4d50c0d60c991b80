// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Pki.Keys;

/// <summary>
/// Whoever holds a private key: a <see cref="KeyPair"/> in memory, or a device or service elsewhere.
/// All members may be called concurrently.
/// </summary>
public interface ISigner
{
    /// <summary>The public half.</summary>
    PublicKeyInfo PublicKey { get; }

    /// <summary>The algorithm <see cref="Sign"/> uses.</summary>
    SignatureAlgorithm SignatureAlgorithm { get; }

    /// <summary>Signs <paramref name="data"/> (hashing it first where the algorithm does so), in X.509's encoding.</summary>
    byte[] Sign(ReadOnlySpan<byte> data);
}
