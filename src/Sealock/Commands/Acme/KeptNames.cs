// SPDX-License-Identifier: Apache-2.0
using Sealock.Acme.Keeping;

namespace Sealock.Commands.Acme;

/// <summary>Kept certificates as users name them.</summary>
internal static class KeptNames
{
    /// <summary>Those of some names.</summary>
    /// <exception cref="CommandException">One is not there.</exception>
    public static IReadOnlyList<KeptCertificate> Find(string home, IReadOnlyList<string> names)
    {
        var found = names.Select(name => (Name: name, Kept: KeptCertificate.Find(home, name))).ToList();
        var missing = found.Where(one => one.Kept is null).Select(one => Printable.Of(one.Name)).ToList();
        if (missing.Count == 0)
            return [.. found.Select(one => one.Kept!).DistinctBy(kept => kept.Name)];
        var there = KeptCertificate.List(home).Select(kept => kept.Name).ToList();
        throw new CommandException(
            $"there is no certificate {string.Join(", ", missing)} in {home}; "
            + (there.Count > 0 ? $"there are {string.Join(", ", there)}" : "get one with sealock acme issue, or name its folder with --dir"), 2);
    }
}
