// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Sealock.Api.Kubeconfigs;

/// <summary>A kubeconfig file that cannot be read or written; the message names the file and the remedy.</summary>
public sealed class KubeconfigFileException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Kubeconfigs on disk.</summary>
public static class KubeconfigFiles
{
    /// <summary>The largest file that is read, in bytes.</summary>
    public const int MaxBytes = 3 * 1024 * 1024;

    /// <summary>The files that kubectl reads: <c>$KUBECONFIG</c>, a list of paths, or else <c>~/.kube/config</c>.</summary>
    /// <param name="variable">The value of <c>KUBECONFIG</c>; null or empty: not set.</param>
    /// <param name="home">The home directory.</param>
    public static IReadOnlyList<string> DefaultPaths(string? variable, string home)
    {
        var paths = (variable ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal).ToList();
        return paths.Count > 0 ? paths : [Path.Combine(home, ".kube", "config")];
    }

    /// <summary>The file among <see cref="DefaultPaths"/> that changes go to: the first that exists, else the last.</summary>
    public static string PathForChanges(IReadOnlyList<string> paths) => paths.FirstOrDefault(File.Exists) ?? paths[^1];

    /// <summary>Reads several files as one; those that do not exist are left out.</summary>
    /// <exception cref="KubeconfigFileException">A file cannot be read or is malformed.</exception>
    public static Kubeconfig Load(IEnumerable<string> paths) =>
        KubeconfigMerging.Combine(paths.Where(File.Exists).Select(Read));

    /// <summary>Reads one file.</summary>
    /// <exception cref="KubeconfigFileException">The file cannot be read or is malformed.</exception>
    public static Kubeconfig Read(string path)
    {
        try
        {
            if (new FileInfo(path).Length > MaxBytes)
            {
                throw new KubeconfigFileException($"{path} is too large for a kubeconfig");
            }

            var directory = Path.GetDirectoryName(Path.GetFullPath(path))!;
            return Kubeconfig.TryParse(File.ReadAllText(path), directory, out var config, out var error)
                ? config : throw new KubeconfigFileException($"{path} is not a kubeconfig: {error}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigFileException($"cannot read {path}: {e.Message}", e);
        }
    }

    /// <summary>
    /// Adds entries to a file, which is made where it does not exist. Whoever else follows kubectl's way (a lock file
    /// beside it) is kept out meanwhile.
    /// </summary>
    /// <exception cref="KubeconfigFileException">The file is malformed, locked, or cannot be written.</exception>
    public static KubeconfigMerge MergeInto(string path, Kubeconfig addition, bool useContext)
    {
        var target = Resolve(path);
        try
        {
            MakeDirectory(target);
            using var guard = Lock(target);
            var merge = KubeconfigMerging.Merge(File.Exists(target) ? Read(target) : Kubeconfig.Empty, addition, useContext);
            Replace(target, merge.Config.ToYaml());
            return merge;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigFileException($"cannot write {path}: {e.Message}", e);
        }
    }

    /// <summary>Writes a file whole: readable by its owner only, all at once, on disk when the call returns.</summary>
    /// <exception cref="KubeconfigFileException">The file cannot be written.</exception>
    public static void Write(string path, Kubeconfig config)
    {
        var target = Resolve(path);
        try
        {
            MakeDirectory(target);
            Replace(target, config.ToYaml());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeconfigFileException($"cannot write {path}: {e.Message}", e);
        }
    }

    private static FileStream Lock(string target)
    {
        var file = target + ".lock";
        try
        {
            return new(file, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.DeleteOnClose,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            });
        }
        catch (IOException e) when (File.Exists(file))
        {
            throw new KubeconfigFileException($"{target} is being changed by someone else; if not, remove {file}", e);
        }
    }

    private static void Replace(string target, string text)
    {
        var temporary = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (var stream = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }))
            {
                stream.Write(Encoding.UTF8.GetBytes(text));
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static void MakeDirectory(string target)
    {
        var directory = Path.GetDirectoryName(target)!;
        if (!Directory.Exists(directory))
        {
            Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    // A link stays a link; what it leads to is replaced.
    private static string Resolve(string path)
    {
        var full = Path.GetFullPath(path);
        return File.Exists(full) && File.ResolveLinkTarget(full, returnFinalTarget: true) is { } end ? end.FullName : full;
    }
}
