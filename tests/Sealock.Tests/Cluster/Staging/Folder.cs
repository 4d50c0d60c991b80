// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Staging;
using Sealock.Pki.Files;

namespace Sealock.Tests.Cluster.Staging;

/// <summary>A root folder of its own for a test, and what stands below it.</summary>
internal sealed class Folder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("sealock-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static WantedFile File(string path, string content, UnixFileMode mode = AtomicFile.Secret, FileOwner? owner = null) =>
        new() { Path = path, Content = Encoding.UTF8.GetBytes(content), Mode = mode, Owner = owner };

    public static ChangeSet Set(params WantedFile[] files) => new() { Files = files };

    /// <summary>All entries but the state folder's: "path mode content".</summary>
    public string Text(string state = ".sealock") => string.Join('\n', Directory
        .EnumerateFileSystemEntries(Path, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Select(entry => System.IO.Path.GetRelativePath(Path, entry))
        .Where(entry => entry != state && !entry.StartsWith(state + "/", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal)
        .Select(Describe));

    public StagingOutcome Apply(ChangeSet set, StagingOptions? options = null)
    {
        using var area = StagingArea.Open(Path, options);
        return area.Apply(set);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private string Describe(string name)
    {
        var info = new FileInfo(this[name]);
        if (info.LinkTarget is { } target)
            return $"{name} -> {target}";
        var mode = Convert.ToString((int)System.IO.File.GetUnixFileMode(info.FullName), 8);
        return Directory.Exists(info.FullName) ? $"{name}/ {mode}" : $"{name} {mode} {System.IO.File.ReadAllText(info.FullName)}";
    }
}
