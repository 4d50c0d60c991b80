// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>The state folder of a staging area: lock, journal, staged and kept files.</summary>
internal sealed class StagingState : IDisposable
{
    private const string JournalName = "journal.json";
    private const string FormerName = "former.json";
    private const string DraftName = "draft.json";
    private const string StageName = "stage";
    private const string KeptPrefix = "kept-";

    private readonly OpenFolder _folder;
    private readonly IDisposable _lock;
    private readonly StagingLimits _limits;

    private StagingState(OpenFolder folder, string path, IDisposable taken, StagingLimits limits) =>
        (_folder, Path, _lock, _limits) = (folder, path, taken, limits);

    /// <summary>The state folder's path below the root.</summary>
    public string Path { get; }

    /// <summary>The staging folder's path below the root.</summary>
    public string StagePath => $"{Path}/{StageName}";

    public bool HasFormer => _folder.Look(FormerName) is not null;

    /// <summary>Opens the state folder, making it where it is missing, and takes its lock.</summary>
    public static StagingState Open(TargetTree tree, string path, StagingLimits limits)
    {
        var folder = Make(tree, path);
        try
        {
            var facts = folder.LookAtItself();
            const UnixFileMode others = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
            if (facts.Owner.User != FileOwner.Current.User || (facts.Mode & others) != 0)
                throw new StagingException($"{folder.Path} must belong to the user who runs this, and be writable for nobody else");
            var taken = folder.TryLock("lock") ?? throw new StagingException(
                $"another process is changing files below {tree.Root.Path} just now: run this again when it is done");
            return new StagingState(folder, path, taken, limits);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    public StagingJournal? ReadJournal() => Read(JournalName);

    public StagingJournal? ReadFormer() => Read(FormerName);

    /// <summary>The places of files staged outside the staging folder, written before they are; null in the ordinary case.</summary>
    public StagingJournal? ReadDraft() => Read(DraftName);

    public void WriteJournal(StagingJournal journal) => AtomicFile.Write(_folder, JournalName, journal.Write(), AtomicFile.Secret);

    public void WriteDraft(StagingJournal draft) => AtomicFile.Write(_folder, DraftName, draft.Write(), AtomicFile.Secret);

    public void DeleteJournal()
    {
        _folder.Delete(JournalName);
        _folder.Sync();
    }

    /// <summary>The change is done: its journal becomes the record of the former set.</summary>
    public void Commit()
    {
        _folder.Rename(JournalName, _folder, FormerName);
        _folder.Sync();
    }

    public OpenFolder MakeStage() => MakeChild(StageName);

    public OpenFolder MakeKept(string id) => MakeChild(KeptPrefix + id);

    public OpenFolder? OpenKept(string id) => _folder.OpenChild(KeptPrefix + id);

    public void Sync() => _folder.Sync();

    /// <summary>Deletes everything but the lock, the former set and its record.</summary>
    public void Clean()
    {
        var kept = ReadFormer() is { } former ? KeptPrefix + former.Id : null;
        _folder.Delete(DraftName);
        // By path, which is safe here: nobody else may write in this folder.
        foreach (var entry in new DirectoryInfo(_folder.Path).EnumerateFileSystemInfos())
        {
            if (entry is DirectoryInfo folder && entry.Name != kept
                && (entry.Name == StageName || entry.Name.StartsWith(KeptPrefix, StringComparison.Ordinal)))
            {
                folder.Delete(recursive: true);
            }
            else if (entry is FileInfo && entry.Name.StartsWith('.'))
            {
                entry.Delete(); // a temporary file of a write that was interrupted
            }
        }
    }

    public void Dispose()
    {
        _lock.Dispose();
        _folder.Dispose();
    }

    private static OpenFolder Make(TargetTree tree, string path)
    {
        if (tree.Open(path) is { } existing)
            return existing;
        const UnixFileMode passable = AtomicFile.PrivateFolder
            | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;
        foreach (var folder in StagingPath.Parents(path).Append(path))
        {
            using var parent = tree.Open(StagingPath.Folder(folder)) ?? throw new IOException($"{folder} is gone again");
            parent.CreateChild(StagingPath.Name(folder), folder == path ? AtomicFile.PrivateFolder : passable);
        }

        return tree.Open(path) ?? throw new IOException($"{path} is gone again");
    }

    private OpenFolder MakeChild(string name)
    {
        _folder.CreateChild(name, AtomicFile.PrivateFolder);
        return _folder.OpenChild(name) ?? throw new IOException($"{name} is gone again");
    }

    private StagingJournal? Read(string name)
    {
        if (_folder.Look(name) is null)
            return null;
        try
        {
            return StagingJournal.Read(_folder.Read(name, _limits.JournalBytes));
        }
        catch (JsonException fault)
        {
            throw new StagingException(
                $"{System.IO.Path.Combine(_folder.Path, name)} cannot be understood ({fault.Message}); "
                + "if no newer sealock has written it, compare the files it names, then delete it", fault);
        }
    }
}
