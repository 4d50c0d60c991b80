// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Settings;

/// <summary>One flag of a command line.</summary>
/// <param name="Name">Its name without dashes.</param>
/// <param name="Value">Its value; none of ours has spaces or characters that a shell reads.</param>
public readonly record struct CommandFlag(string Name, string Value)
{
    /// <summary>As it is written on a command line.</summary>
    public override string ToString() => $"--{Name}={Value}";
}
