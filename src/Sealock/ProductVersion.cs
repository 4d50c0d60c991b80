// SPDX-License-Identifier: Apache-2.0
using System.Reflection;

namespace Sealock;

/// <summary>What this build calls itself.</summary>
internal static class ProductVersion
{
    /// <summary>Semantic version, with the commit after a plus sign where it is known.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0";

    /// <summary>Without the commit.</summary>
    public static string Short { get; } = Text.Split('+')[0];
}
