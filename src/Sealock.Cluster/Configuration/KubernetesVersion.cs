// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text.RegularExpressions;

namespace Sealock.Cluster.Configuration;

/// <summary>A version of Kubernetes 1: which flags its components know.</summary>
/// <param name="Minor">The second number.</param>
/// <param name="Patch">The third.</param>
public readonly partial record struct KubernetesVersion(int Minor, int Patch = 0)
{
    /// <summary>The oldest version that settings are made for.</summary>
    public static KubernetesVersion Oldest { get; } = new(20);

    /// <summary>What is taken where none is named. Later versions get the same settings.</summary>
    public static KubernetesVersion Default { get; } = new(35);

    /// <summary>Reads <c>1.33</c>, <c>1.33.2</c> or <c>v1.33.2</c>.</summary>
    public static bool TryParse(string text, out KubernetesVersion version)
    {
        version = default;
        if (Pattern().Match(text) is not { Success: true } match)
            return false;
        version = new(
            int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture),
            match.Groups[2].Success ? int.Parse(match.Groups[2].ValueSpan, CultureInfo.InvariantCulture) : 0);
        return true;
    }

    /// <summary>Whether it is 1.<paramref name="minor"/> or later.</summary>
    public bool IsAtLeast(int minor) => Minor >= minor;

    /// <summary>Such as <c>1.33.2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"1.{Minor}.{Patch}");

    [GeneratedRegex("^v?1[.]([0-9]{1,3})(?:[.]([0-9]{1,3}))?$")]
    private static partial Regex Pattern();
}
