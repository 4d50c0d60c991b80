// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>
/// The tree below a root folder, walked so that nothing outside is ever touched: every folder is opened from the one it
/// is in. A linked folder is followed only if the link belongs to root or to this process's user and leads to a place
/// below the root: administrators move folders to larger disks, while a service's user must not lead root astray.
/// </summary>
internal sealed class TargetTree(OpenFolder root) : IDisposable
{
    private const int MostLinks = 16;

    public OpenFolder Root { get; } = root;

    /// <summary>Opens a folder by its path below the root (empty: the root); null where it does not exist.</summary>
    /// <exception cref="StagingException">The way leads over a file, or over a link that is not followed.</exception>
    public OpenFolder? Open(string path)
    {
        var todo = new Stack<string>(Names(path).AsEnumerable().Reverse());
        var links = 0;
        var way = new Stack<OpenFolder>();
        try
        {
            way.Push(OpenRoot());
            while (todo.TryPop(out var name))
            {
                if (name == "..")
                {
                    Leave(way, path);
                    continue;
                }

                var here = way.Peek();
                if (here.OpenIfFolder(name) is { } child)
                {
                    way.Push(child);
                    continue;
                }

                switch (here.Look(name))
                {
                    case null:
                        return null;
                    case { Kind: FileKind.Folder }:
                        throw new IOException($"{Path.Combine(here.Path, name)} is being moved");
                    case { Kind: FileKind.Link } link when ++links <= MostLinks && IsTrusted(link):
                        Follow(here.ReadLink(name), Path.Combine(here.Path, name), way, todo);
                        break;
                    case { Kind: FileKind.Link }:
                        throw new StagingException(
                            $"{Path.Combine(here.Path, name)} is a link that belongs neither to root nor to the user who runs this, or leads in a circle: "
                            + "replace it by a folder, or give the link to root");
                    default:
                        throw new StagingException($"{Path.Combine(here.Path, name)} is no folder: move it away");
                }
            }

            return way.Pop();
        }
        finally
        {
            foreach (var folder in way)
                folder.Dispose();
        }
    }

    /// <summary>What stands under a path.</summary>
    public EntryState Find(string path, int longest)
    {
        using var folder = Open(StagingPath.Folder(path));
        return folder is null ? EntryState.Absent : Find(folder, StagingPath.Name(path), longest);
    }

    /// <summary>What stands under the path of a folder: the folder that a link leads to, if it is one.</summary>
    public EntryState FindFolder(string path)
    {
        using var parent = Open(StagingPath.Folder(path));
        if (parent?.Look(StagingPath.Name(path)) is { Kind: FileKind.File or FileKind.Other } other)
            return new EntryState { Kind = other.Kind };
        using var folder = parent is null ? null : Open(path);
        return folder?.LookAtItself() is { } facts
            ? new EntryState { Kind = FileKind.Folder, Mode = facts.Mode, Owner = facts.Owner }
            : EntryState.Absent;
    }

    public static EntryState Find(OpenFolder folder, string name, int longest) => folder.Look(name) switch
    {
        null => EntryState.Absent,
        { Kind: FileKind.File } file => new EntryState
        {
            Kind = FileKind.File,
            Mode = file.Mode,
            Owner = file.Owner,
            Sha256 = file.Length > longest ? null : ChangePlan.Hash(folder.Read(name, longest)),
        },
        { Kind: FileKind.Link } link => new EntryState
        {
            Kind = FileKind.Link,
            Owner = link.Owner,
            LinkTarget = folder.ReadLink(name),
        },
        { } other => new EntryState { Kind = other.Kind, Mode = other.Mode, Owner = other.Owner },
    };

    /// <summary>The innermost folder on the way to a path that exists, with its path.</summary>
    public (OpenFolder Folder, string Path) OpenInnermost(string path)
    {
        for (var at = StagingPath.Folder(path); ; at = StagingPath.Folder(at))
        {
            if (Open(at) is { } folder)
                return (folder, at);
        }
    }

    public void Dispose() => Root.Dispose();

    private static bool IsTrusted(FileFacts link) => link.Owner.User == 0 || link.Owner.User == FileOwner.Current.User;

    private static string[] Names(string path) => path.Split('/', StringSplitOptions.RemoveEmptyEntries);

    // A path that is opened more than once at a time needs handles of its own.
    private OpenFolder OpenRoot() => Root.OpenChild(".") ?? throw new StagingException($"{Root.Path} is gone");

    private void Follow(string target, string link, Stack<OpenFolder> way, Stack<string> todo)
    {
        if (target.StartsWith('/'))
        {
            var root = Root.Path == "/" ? "/" : Root.Path + "/";
            if (!(target + "/").StartsWith(root, StringComparison.Ordinal))
                throw new StagingException($"{link} leads out of {Root.Path}: replace the link by a folder");
            target = target[Math.Min(root.Length, target.Length)..];
            while (way.Count > 1)
                way.Pop().Dispose();
        }

        foreach (var name in Names(target).Where(name => name != ".").Reverse())
            todo.Push(name);
    }

    private void Leave(Stack<OpenFolder> way, string path)
    {
        if (way.Count > 1)
            way.Pop().Dispose();
        else if (Root.Path != "/")
            throw new StagingException($"the way to {path} leads out of {Root.Path}: replace the link on it by a folder");
    }
}
