// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Configuration;

/// <summary>A user who may come with a random token that stands in the API servers' token file.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Groups">The user's groups.</param>
public sealed record TokenUser(string Name, IReadOnlyList<string> Groups);
