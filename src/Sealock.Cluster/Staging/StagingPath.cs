// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Staging;

/// <summary>Paths below a root folder: plain names, joined by slashes.</summary>
internal static class StagingPath
{
    private const int Longest = 4000;
    private const int LongestName = 200; // leaves room for the name of a temporary file beside it

    /// <summary>What is wrong with a path; null where nothing is.</summary>
    public static string? Mistake(string path)
    {
        if (path.Length is 0 or > Longest)
            return $"a path below the root has 1 to {Longest} characters";
        foreach (var name in path.Split('/'))
        {
            if (name is "" or "." or "..")
                return $"\"{path}\" is no plain path below the root";
            if (name.Length > LongestName || name.AsSpan().ContainsAnyInRange('\0', '\x1f') || name.Contains('\x7f'))
                return $"\"{path}\" holds a name that is too long or has control characters";
        }

        return null;
    }

    /// <summary>The folder that a path is in; empty for the root.</summary>
    public static string Folder(string path) => path.LastIndexOf('/') is var at and >= 0 ? path[..at] : "";

    /// <summary>The last name of a path.</summary>
    public static string Name(string path) => path[(path.LastIndexOf('/') + 1)..];

    /// <summary>All folders that a path is in, the outermost first, without the root.</summary>
    public static IEnumerable<string> Parents(string path)
    {
        for (var at = path.IndexOf('/'); at >= 0; at = path.IndexOf('/', at + 1))
            yield return path[..at];
    }
}
