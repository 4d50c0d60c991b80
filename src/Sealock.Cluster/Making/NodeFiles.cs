// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Cluster.Staging;

namespace Sealock.Cluster.Making;

/// <summary>Composes files of a node as a change of the set's folder. Nothing is written.</summary>
public static class NodeFiles
{
    /// <summary>The leaf that a file carries; null for files without one.</summary>
    public static PlannedCertificate? CertificateOf(FileContent content) => content switch
    {
        LeafCertificate leaf => leaf.Certificate,
        LeafKey leaf => leaf.Certificate,
        LeafKubeconfig leaf => leaf.Certificate,
        _ => null,
    };

    /// <summary>The files of a node, by paths relative to the set's folder.</summary>
    /// <param name="standing">What stands.</param>
    /// <param name="material">Authorities and service account keys.</param>
    /// <param name="node">The node.</param>
    /// <param name="isWanted">Which files are composed; one that the material does not suffice for is left out.</param>
    /// <param name="leafOf">The leaf of a certificate, asked once for each; null leaves its files out.</param>
    public static ChangeSet Of(
        StandingSet standing, SetMaterial material, ClusterNode node, Func<PlannedFile, bool> isWanted, Func<PlannedCertificate, MadeLeaf?> leafOf)
    {
        var leaves = new Dictionary<string, MadeLeaf?>(StringComparer.Ordinal);
        var files = new List<WantedFile>();
        foreach (var file in standing.Plan.Files)
        {
            if (file.Node != node || !isWanted(file))
                continue;
            MadeLeaf? leaf = null;
            if (CertificateOf(file.Content) is { } planned)
            {
                if (!leaves.TryGetValue(planned.Title, out leaf))
                    leaves[planned.Title] = leaf = leafOf(planned);
                if (leaf is null)
                    continue;
            }

            if (FileText.Of(file, standing.Plan.Configuration, material, leaf, standing[file].Kubeconfig) is not { } text)
                continue;
            files.Add(new()
            {
                Path = Path.GetRelativePath(standing.Folder.Root, standing.Folder.PathOf(file)),
                Content = Encoding.UTF8.GetBytes(text),
                Mode = file.Mode,
            });
        }

        return new() { Files = files };
    }

    /// <summary>The text of the key that stands for a certificate.</summary>
    public static string KeyText(StandingFile file) => file.Planned.Content is LeafKubeconfig
        ? Encoding.UTF8.GetString((file.Target?.User?.ClientKeyData ?? []).AsSpan())
        : file.Text;
}
