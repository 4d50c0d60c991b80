// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Distributing;

/// <summary>One node could not be given its files; the message names the remedy.</summary>
internal sealed class DistributionException(string message) : Exception(message);
