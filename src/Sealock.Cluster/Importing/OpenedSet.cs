// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Sets;

namespace Sealock.Cluster.Importing;

/// <summary>A set by the folder that a user names: one that was made here, or one that stands where it is used.</summary>
public sealed record OpenedSet
{
    /// <summary>The configuration; null where <c>cluster.yaml</c> has mistakes.</summary>
    public ClusterConfiguration? Configuration { get; init; }

    /// <summary>The mistakes of <c>cluster.yaml</c>.</summary>
    public IReadOnlyList<string> Mistakes { get; init; } = [];

    /// <summary>Where the files stand.</summary>
    public required SetFolder Folder { get; init; }

    /// <summary>What was understood from the files alone; null for a set that was made here.</summary>
    public InferredCluster? Inferred { get; init; }

    /// <summary>
    /// Opens a folder: with <c>cluster.yaml</c> in it a set (in place where the certificates stand beside it), else the
    /// files tell what they are.
    /// </summary>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="IOException">The configuration cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The configuration may not be read.</exception>
    public static OpenedSet Open(string folder)
    {
        var set = new SetFolder(folder);
        if (!File.Exists(set.ConfigurationFile))
        {
            var found = ConfigurationInference.Infer(folder);
            return new() { Configuration = found.Configuration, Folder = found.Folder, Inferred = found };
        }

        var (configuration, mistakes) = ConfigurationReader.Read(File.ReadAllText(set.ConfigurationFile));
        if (!File.Exists(Path.Combine(set.Root, "ca.crt")))
            return new() { Configuration = configuration, Mistakes = mistakes, Folder = set };
        var inferred = ConfigurationInference.Infer(folder);
        var layout = configuration?.Layout ?? inferred.Configuration.Layout;
        return new()
        {
            Configuration = configuration,
            Mistakes = mistakes,
            Inferred = inferred,
            Folder = SetFolder.InPlace(set.Root, layout, (configuration ?? inferred.Configuration).Nodes.ToDictionary(node => node.Name, _ => NodeFolder.Of(set.Root, layout))),
        };
    }
}
