// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Files;

namespace Sealock.Cluster.Staging;

/// <summary>
/// The part of an apply after its journal: to the new state, or back to the old one. Both can be interrupted anywhere and
/// started again from the journal: what has been done already is recognised.
/// </summary>
internal sealed class Switcher(TargetTree tree, StagingState state, StagingOptions options)
{
    /// <summary>Whether every new file is still there: staged, or in its place already.</summary>
    public bool CanComplete(StagingJournal journal) => journal.Entries.All(entry =>
    {
        if (entry.StagedAs is null)
            return true;
        using var staged = tree.Open(entry.StagedIn ?? "");
        return (staged is not null && entry.After.IsMetBy(TargetTree.Find(staged, entry.StagedAs, options.Limits.FileBytes)))
            || entry.After.IsMetBy(tree.Find(entry.Path, options.Limits.FileBytes));
    });

    /// <summary>Brings every file and folder to its new state, durably.</summary>
    public void Complete(StagingJournal journal)
    {
        foreach (var entry in journal.Entries)
        {
            if (entry.IsFolder)
                Settle(entry, entry.After);
            else
                Replace(entry);
        }

        Sync(journal);
    }

    /// <summary>Brings every file and folder back to its old state, durably.</summary>
    public void Undo(StagingJournal journal)
    {
        using var kept = state.OpenKept(journal.Id);
        foreach (var entry in journal.Entries.Reverse())
        {
            if (entry.IsFolder)
                Settle(entry, entry.Before);
            else
                Restore(entry, kept, journal.Id);
        }

        Sync(journal);
    }

    private void Settle(JournalEntry entry, EntryState wanted)
    {
        options.Before?.Invoke(new StagingStep(StagingEffect.Folder, entry.Path));
        using var parent = tree.Open(StagingPath.Folder(entry.Path));
        var name = StagingPath.Name(entry.Path);
        if (wanted.Kind is null)
        {
            parent?.DeleteChild(name);
            return;
        }

        if (parent is null)
            throw new IOException($"the folder of {entry.Path} is gone");
        using var existing = tree.Open(entry.Path);
        var owner = wanted.Owner == FileOwner.Current && existing is null ? null : wanted.Owner;
        if (existing is null)
            parent.CreateChild(name, wanted.Mode, owner);
        else
            existing.SetFacts(wanted.Mode, owner);
    }

    private void Replace(JournalEntry entry)
    {
        options.Before?.Invoke(new StagingStep(StagingEffect.Switch, entry.Path));
        using var folder = tree.Open(StagingPath.Folder(entry.Path));
        var name = StagingPath.Name(entry.Path);
        if (entry.StagedAs is null)
        {
            folder?.Delete(name);
            return;
        }

        using var staged = tree.Open(entry.StagedIn ?? "");
        if (staged?.Look(entry.StagedAs) is null)
            return; // in its place already: CanComplete has seen it there
        staged.Rename(entry.StagedAs, folder ?? throw new IOException($"the folder of {entry.Path} is gone"), name);
    }

    private void Restore(JournalEntry entry, OpenFolder? kept, string id)
    {
        options.Before?.Invoke(new StagingStep(StagingEffect.Switch, entry.Path));
        using var folder = tree.Open(StagingPath.Folder(entry.Path));
        var name = StagingPath.Name(entry.Path);
        var found = folder is null ? EntryState.Absent : TargetTree.Find(folder, name, options.Limits.FileBytes);
        if (entry.Before.IsMetBy(found))
            return;
        if (entry.KeptAs is null)
        {
            if (entry.After.IsMetBy(found))
                folder?.Delete(name); // what somebody else has put there since is not ours to delete
            return;
        }

        if (folder is null)
            throw new IOException($"the folder of {entry.Path} is gone");
        if (kept?.Look(entry.KeptAs) is not { } old)
            throw new IOException($"{entry.Path} has been changed by somebody else, and its former content is gone");
        if (old.Device == folder.LookAtItself().Device)
        {
            kept.Rename(entry.KeptAs, folder, name);
            return;
        }

        // rename(2) does not cross file systems.
        var temporary = $".sealock-{id}-{entry.KeptAs}-old";
        folder.Delete(temporary);
        var owner = entry.Before.Owner == FileOwner.Current ? null : entry.Before.Owner;
        if (entry.Before.LinkTarget is { } target)
            folder.CreateLink(temporary, target, owner);
        else
            folder.Create(temporary, kept.Read(entry.KeptAs, options.Limits.FileBytes), entry.Before.Mode, owner);
        folder.Rename(temporary, folder, name);
    }

    private void Sync(StagingJournal journal)
    {
        options.Before?.Invoke(new StagingStep(StagingEffect.Sync, ""));
        var touched = journal.Entries.Select(entry => StagingPath.Folder(entry.Path))
            .Concat(journal.Entries.Where(entry => entry.IsFolder).Select(entry => entry.Path))
            .Distinct(StringComparer.Ordinal).ToList();
        var synced = new HashSet<ulong>();
        foreach (var path in touched)
        {
            using var folder = tree.Open(path);
            if (folder is null)
                continue;
            if (touched.Count <= Stager.ManyFiles)
                folder.Sync();
            else if (synced.Add(folder.LookAtItself().Device))
                folder.SyncFileSystem();
        }
    }
}
