// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Rotation;

namespace Sealock.Cluster.Making;

/// <summary>A leaf certificate with its key, as it goes into files.</summary>
/// <param name="Planned">What was wanted.</param>
/// <param name="Chain">The leaf first, then what leads to what is trusted.</param>
/// <param name="KeyPem">The private key.</param>
public sealed record MadeLeaf(PlannedCertificate Planned, IReadOnlyList<Certificate> Chain, string KeyPem);

/// <summary>Makes leaves as the configuration wants them.</summary>
public static class LeafMaker
{
    /// <summary>Makes a leaf, or says why not. It ends with its CA, if that ends before.</summary>
    /// <param name="configuration">Gives key algorithm and lifetime.</param>
    /// <param name="planned">Whom the leaf names.</param>
    /// <param name="roles">Of its CA.</param>
    /// <param name="signer">The key of the CA that signs.</param>
    /// <param name="key">The leaf's key; null for a new one.</param>
    /// <param name="now">The time.</param>
    public static (MadeLeaf? Leaf, string? Refusal) Make(
        ClusterConfiguration configuration, PlannedCertificate planned, AuthorityRoles roles, ISigner signer, KeyPair? key, DateTimeOffset now)
    {
        using var made = key is null ? KeyPair.Generate(configuration.KeyAlgorithm) : null;
        var own = key ?? made!;
        var answer = new CertificateAuthority(roles.Signing, signer).Issue(
            new()
            {
                Subject = planned.Subject,
                PublicKey = own.PublicKey,
                Profile = planned.Profile,
                Names = planned.Names,
                Lifetime = configuration.CertificateLifetime,
            },
            now);
        return answer.IsIssued
            ? (new(planned, roles.ChainOf(answer.Certificate), own.ToTraditionalPem()), null)
            : (null, answer.Refusal);
    }
}
