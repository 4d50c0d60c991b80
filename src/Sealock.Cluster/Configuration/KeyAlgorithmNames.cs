// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Configuration;

/// <summary>The names of key algorithms as kubeadm's <c>encryptionAlgorithm</c> has them.</summary>
public static class KeyAlgorithmNames
{
    private static readonly (string Name, KeyAlgorithm Algorithm)[] Table =
    [
        ("ECDSA-P256", KeyAlgorithm.EcdsaP256),
        ("ECDSA-P384", KeyAlgorithm.EcdsaP384),
        ("ECDSA-P521", KeyAlgorithm.EcdsaP521),
        ("RSA-2048", KeyAlgorithm.Rsa2048),
        ("RSA-3072", KeyAlgorithm.Rsa3072),
        ("RSA-4096", KeyAlgorithm.Rsa4096),
    ];

    /// <summary>All names.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Table.Select(row => row.Name)];

    /// <summary>The algorithm of a name, in upper or lower case; null where there is none.</summary>
    public static KeyAlgorithm? Find(string name) =>
        Table.FirstOrDefault(row => row.Name.Equals(name, StringComparison.OrdinalIgnoreCase)) is { Name: not null } row ? row.Algorithm : null;

    /// <summary>The name of an algorithm.</summary>
    public static string NameOf(KeyAlgorithm algorithm) => Table.First(row => row.Algorithm == algorithm).Name;
}
