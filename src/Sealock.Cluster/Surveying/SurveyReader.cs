// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Surveying;

/// <summary>Reads the files of a scope: every file once, on all cores. The one place of this room that touches the disk.</summary>
internal sealed class SurveyReader
{
    /// <summary>The most files of one tree, and folders below folders: a folder with more is no cluster's.</summary>
    private const int MaxFiles = 50_000;
    private const int MaxDepth = 12;

    private readonly SurveyScope _scope;
    private readonly BodyReader _bodies = new();
    private readonly ConcurrentDictionary<(string Node, string Path), SurveyedFolder> _folders = [];
    private readonly Dictionary<string, PlannedFile> _planned = [];
    private readonly Dictionary<string, FileRole> _ofAuthorities = [];

    public SurveyReader(SurveyScope scope)
    {
        _scope = scope;
        if (scope is not { Set: { } set, Plan: { } plan })
            return;
        foreach (var file in plan.Files)
            _planned[set.PathOf(file)] = file;
        foreach (var authority in plan.Authorities)
        {
            _ofAuthorities[set.CertificateOf(authority)] = new(RoleKind.SigningCertificate, authority);
            _ofAuthorities[set.KeyOf(authority)] = new(RoleKind.AuthorityKey, authority);
        }

        _ofAuthorities[set.ServiceAccountKey] = new(RoleKind.ServiceAccountKey);
        _ofAuthorities[set.ServiceAccountPublicKeys] = new(RoleKind.ServiceAccountPublicKeys);
    }

    /// <summary>All files, tree by tree, in the order of their paths; planned ones that are missing among them.</summary>
    public IReadOnlyList<SurveyedFile> Read(CancellationToken cancellationToken)
    {
        var plannedOf = _planned.ToLookup(pair => pair.Value.Node.Name, pair => pair.Key);
        List<(SurveyTree Tree, string Path)> found = [];
        foreach (var tree in _scope.Trees)
        {
            HashSet<string> paths = new(StringComparer.Ordinal);
            foreach (var start in tree.Starts)
                Walk(start, paths, 0);
            if (tree.Node.Length > 0)
                paths.UnionWith(plannedOf[tree.Node]);
            if (_scope.CertificatesOnly)
                paths.RemoveWhere(path => _planned.TryGetValue(path, out var file) && file.Content is Setting);
            found.AddRange(paths.Order(StringComparer.Ordinal).Select(path => (tree, path)));
        }

        var files = new SurveyedFile[found.Count];
        Parallel.For(0, files.Length, new ParallelOptions { CancellationToken = cancellationToken },
            i => files[i] = Read(found[i].Tree, found[i].Path));
        return files;
    }

    /// <summary>The folders of the files that were read, in the order of their paths.</summary>
    public IReadOnlyList<SurveyedFolder> Folders => [.. _folders.Values.OrderBy(folder => folder.Path, StringComparer.Ordinal)];

    private void Walk(string path, HashSet<string> paths, int depth)
    {
        if (File.Exists(path))
        {
            paths.Add(path);
            return;
        }

        if (depth > MaxDepth || !Directory.Exists(path))
            return;
        IEnumerable<FileSystemInfo> entries;
        try
        {
            entries = [.. new DirectoryInfo(path).EnumerateFileSystemInfos()];
        }
        catch (UnauthorizedAccessException)
        {
            paths.Add(path);
            return;
        }

        foreach (var entry in entries)
        {
            // A folder of kubeadm's own backups, and folders behind links, are not what components read.
            if (entry is DirectoryInfo && (entry.LinkTarget is not null || entry.Name is "tmp" or ".git"))
                continue;
            if (entry is DirectoryInfo)
                Walk(entry.FullName, paths, depth + 1);
            else if (paths.Count < MaxFiles && (_planned.ContainsKey(entry.FullName) || (entry.Attributes & FileAttributes.Device) == 0))
                paths.Add(entry.FullName);
        }
    }

    private SurveyedFile Read(SurveyTree tree, string path)
    {
        var planned = _planned.GetValueOrDefault(path);
        var onNode = tree.OnNode(path);
        var role = planned is not null ? FileRole.Of(planned)
            : _ofAuthorities.TryGetValue(path, out var known) ? known
            : _scope.Plan is null ? RoleNames.Guess(onNode)
            : FileRole.None;
        var (content, mode, problem) = ReadBytes(path);
        if (content is not null && Path.GetDirectoryName(path) is { } folder)
            _folders.GetOrAdd((tree.Node, folder), _ => new(tree.Node, folder, tree.OnNode(folder), File.GetUnixFileMode(folder), _scope.Set is null ? OwnerOf(folder, null) : null));
        var file = new SurveyedFile
        {
            Node = tree.Node,
            Path = path,
            PathOnNode = onNode,
            Role = role,
            Planned = planned,
            Mode = mode,
            Length = content?.Length ?? 0,
            Body = content is null ? new NoBody(problem) : _bodies.Read(content, onNode, role, other => ReadBytes(tree.Here(other)).Content),
        };
        return _scope.Set is null && file.IsSecret && Path.GetDirectoryName(path) is { } parent ? file with { Owner = OwnerOf(parent, Path.GetFileName(path)) } : file;
    }

    /// <summary>The owner of a folder, or of a file in it; null where it cannot be asked for.</summary>
    private static FileOwner? OwnerOf(string folder, string? file)
    {
        try
        {
            using var open = OpenFolder.Open(folder);
            return (file is null ? open.LookAtItself() : open.Look(file))?.Owner;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static (byte[]? Content, UnixFileMode Mode, string? Problem) ReadBytes(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path, options: FileOptions.None, share: FileShare.ReadWrite | FileShare.Delete);
            var mode = File.GetUnixFileMode(handle);
            var length = RandomAccess.GetLength(handle);
            if (length > StandingFile.MaxBytes)
                return (null, mode, $"it is larger than {StandingFile.MaxBytes / 1024} KiB");
            var content = new byte[length];
            var read = 0;
            while (read < content.Length && RandomAccess.Read(handle, content.AsSpan(read), read) is > 0 and var count)
                read += count;
            return (read == content.Length ? content : content[..read], mode, null);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return (null, default, null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, default, fault.Message);
        }
    }
}
