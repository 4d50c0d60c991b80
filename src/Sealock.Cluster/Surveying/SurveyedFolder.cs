// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Cluster.Surveying;

/// <summary>A folder with files that were found.</summary>
/// <param name="Node">The node; empty where it is not known, and for the folder of authorities.</param>
/// <param name="Path">Where it stands here.</param>
/// <param name="PathOnNode">Where it stands on its node.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Owner">Its owner; null in a set.</param>
public sealed record SurveyedFolder(string Node, string Path, string PathOnNode, UnixFileMode Mode, FileOwner? Owner);
