// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Planning;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Creating;

/// <summary>Who owns written files: the planned owner where the set stands on the node itself, else whoever runs this.</summary>
internal sealed class FileOwners
{
    private readonly Dictionary<string, FileOwner> _byName = [];

    /// <summary>Looks up the owners of all planned files.</summary>
    /// <exception cref="CreationException">An owner is not known on this machine.</exception>
    public FileOwners(ClusterPlan plan, bool inPlace)
    {
        if (!inPlace || !FileOwner.MayBeChanged)
            return;
        foreach (var owner in plan.Files.Select(file => file.Owner).Distinct())
        {
            try
            {
                _byName[owner] = FileOwner.Parse(owner);
            }
            catch (FormatException fault)
            {
                throw new CreationException($"owner: {fault.Message}");
            }
        }
    }

    public FileOwner? Of(PlannedFile file) => _byName.TryGetValue(file.Owner, out var owner) ? owner : null;
}
