// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Inspecting;

/// <summary>The files below a folder in the order of their names, without following links to folders.</summary>
internal static class FolderWalk
{
    /// <summary>Walks; folders that may not be read become failures among <paramref name="failures"/>.</summary>
    public static IEnumerable<string> Files(string folder, int maxDepth, ICollection<InspectedSource> failures)
    {
        var entries = new List<FileSystemInfo>();
        string? problem = null;
        try
        {
            entries.AddRange(new DirectoryInfo(folder).EnumerateFileSystemInfos());
        }
        catch (UnauthorizedAccessException)
        {
            problem = "it may not be read by this user; run it as one that may (sudo)";
        }
        catch (IOException e)
        {
            problem = e.Message;
        }

        if (problem is not null)
            failures.Add(new() { Name = folder, Failure = problem });
        foreach (var entry in entries.OrderBy(e => e is DirectoryInfo).ThenBy(e => e.Name, StringComparer.Ordinal))
        {
            var path = Path.Join(folder, entry.Name);
            if (entry is not DirectoryInfo)
            {
                yield return path;
            }
            else if (entry.LinkTarget is null && !entry.Name.StartsWith("..", StringComparison.Ordinal))
            {
                // "..data" and its like are how Kubernetes mounts Secrets: the files are linked from above.
                if (maxDepth > 1)
                {
                    foreach (var file in Files(path, maxDepth - 1, failures))
                        yield return file;
                }
                else
                {
                    failures.Add(new() { Name = path, Failure = "it lies too deep; name it yourself" });
                }
            }
        }
    }
}
