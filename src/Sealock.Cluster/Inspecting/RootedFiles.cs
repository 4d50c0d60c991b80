// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Inspecting;

/// <summary>A file's bytes, or why they could not be read and what helps.</summary>
internal readonly record struct FileBytes(byte[]? Bytes, string? Failure);

/// <summary>Files as a machine's own programs see them, whose root may stand in a folder here.</summary>
/// <param name="root">The folder that stands for <c>/</c>; null for this machine's own root.</param>
internal sealed class RootedFiles(string? root)
{
    private const int MaxLinks = 16;

    /// <summary>Where a file lies here that a file in <paramref name="folder"/> names.</summary>
    public string Locate(string named, string folder)
    {
        if (!Path.IsPathRooted(named))
            return FollowLinks(Path.Combine(folder, named));
        // Normalized before it is put below the root, so that ".." does not lead out of it.
        return root is null ? named : FollowLinks(Path.Join(root, Path.GetFullPath(named)));
    }

    /// <summary>Reads a file of at most <paramref name="maxBytes"/>; also one that has no length, such as a pipe.</summary>
    public static FileBytes Read(string path, int maxBytes)
    {
        try
        {
            if (Directory.Exists(path))
                return new(null, "it is a folder");
            using var stream = new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 });
            return Read(stream, maxBytes);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(null, "there is no such file");
        }
        catch (UnauthorizedAccessException)
        {
            return new(null, "it may not be read by this user; run it as one that may (sudo)");
        }
        catch (IOException e)
        {
            return new(null, e.Message);
        }
    }

    /// <summary>Reads a stream of at most <paramref name="maxBytes"/>.</summary>
    public static FileBytes Read(Stream stream, int maxBytes)
    {
        using var buffer = new MemoryStream();
        var chunk = new byte[16 * 1024];
        while (stream.Read(chunk) is > 0 and var count)
        {
            if (buffer.Length + count > maxBytes)
                return new(null, $"it is larger than the {maxBytes / 1024 / 1024} MiB that are read");
            buffer.Write(chunk, 0, count);
        }

        return new(buffer.ToArray(), null);
    }

    /// <summary>
    /// Where a link leads in the end. Below a root they are the other machine's: what they name begins at that root again.
    /// </summary>
    public string FollowLinks(string path)
    {
        if (root is null || !Path.GetFullPath(path).StartsWith(Path.GetFullPath(root).TrimEnd('/') + "/", StringComparison.Ordinal))
            return path;
        for (var i = 0; i < MaxLinks; i++)
        {
            if (new FileInfo(path).LinkTarget is not { } target)
                return path;
            path = Path.IsPathRooted(target) ? Path.Join(root, Path.GetFullPath(target)) : Path.Combine(Path.GetDirectoryName(path)!, target);
        }

        return path;
    }
}
