// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Distributing;

/// <summary>A file as it is to stand on a node.</summary>
/// <param name="Path">Path below the root, with slashes and without a leading one.</param>
/// <param name="Content">Its content.</param>
/// <param name="Mode">Its mode.</param>
/// <param name="Owner">Its owner as <c>user:group</c> or <c>user</c>, by names that the node knows or by numbers.</param>
public sealed record NodeFile(string Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode, string Owner);

/// <summary>A node with everything that is to stand on it.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Shell">The way to it.</param>
/// <param name="Files">Its files.</param>
public sealed record NodeShipment(string Node, ShellCommand Shell, IReadOnlyList<NodeFile> Files)
{
    /// <summary>The folder on the node below which the files stand: <c>/</c> but for trials.</summary>
    public string Root { get; init; } = "/";

    /// <summary>The change set, once the node has told the numbers of its users.</summary>
    internal ChangeSet ToChangeSet(Func<string, FileOwner> resolve) => new()
    {
        Files =
        [
            .. Files.Select(file => new WantedFile
            {
                Path = file.Path,
                Content = file.Content,
                Mode = file.Mode,
                Owner = resolve(file.Owner),
            }),
        ],
    };
}
