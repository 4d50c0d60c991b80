// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;

namespace Sealock.Cluster.Creating;

/// <summary>
/// Where a leaf's request stands while somebody else has to sign it: beside the key. A kubeconfig is made only when its
/// certificate is there; until then its key, request and certificate stand beside its place.
/// </summary>
/// <param name="Key">The key.</param>
/// <param name="Request">The request.</param>
/// <param name="Certificate">Where the certificate is to be put.</param>
/// <param name="IsKubeconfig">Whether a kubeconfig is made of them in the end.</param>
public sealed record RequestFiles(string Key, string Request, string Certificate, bool IsKubeconfig)
{
    /// <summary>The places of a leaf.</summary>
    public static RequestFiles Of(StandingCertificate standing)
    {
        var (key, carrier) = (standing.KeyCarrier.Path, standing.Carrier.Path);
        return standing.KeyCarrier.Planned.Content is LeafKubeconfig
            ? new(key + ".key", key + ".csr", key + ".crt", true)
            : new(key, Path.ChangeExtension(key, ".csr"), carrier, false);
    }
}
