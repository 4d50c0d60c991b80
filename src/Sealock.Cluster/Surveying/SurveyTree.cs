// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Surveying;

/// <summary>The files of one node (or of the folder of authorities), and how their paths here answer to those on the node.</summary>
public sealed record SurveyTree
{
    /// <summary>The node's name; empty where it is not known, and for the folder of authorities.</summary>
    public string Node { get; init; } = "";

    /// <summary>Files and folders to look at, as paths here. What does not exist is passed over.</summary>
    public required IReadOnlyList<string> Starts { get; init; }

    /// <summary>Folders that stand elsewhere on the node, the most specific first.</summary>
    public IReadOnlyList<(string OnNode, string Here)> Places { get; init; } = [];

    /// <summary>The path on the node of a path here.</summary>
    public string OnNode(string here)
    {
        foreach (var (onNode, place) in Places)
        {
            if (Below(here, place) is { } rest)
                return onNode.TrimEnd('/') + rest;
        }

        return here;
    }

    /// <summary>The path here of an absolute path on the node.</summary>
    public string Here(string onNode)
    {
        foreach (var (there, here) in Places)
        {
            if (Below(onNode, there) is { } rest)
                return here.TrimEnd('/') + rest;
        }

        return onNode;
    }

    /// <summary>The rest of a path below a folder, with its slash.</summary>
    private static string? Below(string path, string folder)
    {
        var parent = folder.TrimEnd('/');
        return path.StartsWith(parent, StringComparison.Ordinal) && path.Length > parent.Length && path[parent.Length] == '/'
            ? path[parent.Length..]
            : null;
    }
}
